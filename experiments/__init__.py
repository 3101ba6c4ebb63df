"""The trainings and measurements behind chapters 7 to 11; their results are files in ``lstm_ref/data``.

``python -m experiments.sweeps`` runs everything, in some hours; see there. `cases` says what is trained and
`measures` what is measured then, `forecast` chooses the settings of chapter 7, `one_cell` trains the cells of 2002,
`kept` and `characters` train the models that chapters 8 to 10 open, `units` looks into the last,
and `variants` trains the family of chapter 11, also on the tasks of `states`.
"""
