"""The trainings and measurements behind chapters 7 to 10; their results are files in ``lstm_ref/data``.

``python -m experiments.sweeps`` runs everything, in an hour or two; see there. `cases` says what is trained and
`measures` what is measured then, `forecast` chooses the settings of chapter 7, `one_cell` trains the cells of 2002,
`kept` and `characters` train the models that chapters 8 to 10 open, and `units` looks into the last.
"""
