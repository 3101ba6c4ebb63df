// The LSTM unit, one step at a time: lstm_ref/unit.py in JavaScript. A vector is an array, a matrix an array of rows.
// Every peephole is a matrix; what a valve does not look at has the weight 0.

const plus = (...vectors) => vectors.reduce((a, b) => a.map((value, k) => value + b[k]));
const times = (a, b) => a.map((value, k) => value * b[k]);
const product = (matrix, vector) => matrix.map((row) => times(row, vector).reduce((a, b) => a + b));
const sigmoid = (z) => z.map((value) => 1 / (1 + Math.exp(-value)));
const tanh = (z) => z.map(Math.tanh);

// Every signal of one step by name. Where `openings` has f_t, i_t and o_t, they stand for what the networks say.
const step = (x_t, h_prev, c_prev, weights, openings = {}) => {
  const { W_f, R_f, P_f, b_f, W_i, R_i, P_i, b_i, W_g, R_g, b_g, W_o, R_o, P_o, b_o } = weights;

  const z_f = plus(product(W_f, x_t), product(R_f, h_prev), product(P_f, c_prev), b_f);
  const f_t = openings.f_t ?? sigmoid(z_f);

  const z_i = plus(product(W_i, x_t), product(R_i, h_prev), product(P_i, c_prev), b_i);
  const i_t = openings.i_t ?? sigmoid(z_i);

  const z_g = plus(product(W_g, x_t), product(R_g, h_prev), b_g);
  const g_t = tanh(z_g);

  const kept = times(f_t, c_prev);
  const let_in = times(i_t, g_t);
  const c_t = plus(kept, let_in);

  const z_o = plus(product(W_o, x_t), product(R_o, h_prev), product(P_o, c_t), b_o);
  const o_t = openings.o_t ?? sigmoid(z_o);

  const squashed = tanh(c_t);
  const h_t = times(o_t, squashed);

  const between = { kept, let_in, squashed, z_f, z_i, z_g, z_o, b_f, b_i, b_g, b_o };
  return { x_t, h_prev, c_prev, f_t, i_t, g_t, o_t, c_t, h_t, ...between };
};
