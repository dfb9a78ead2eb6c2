package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Naive;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Window.Padding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers against their formulas in double. */
class LayersTest {
  private final RandomWeights weights = new RandomWeights();

  @Test
  void linear() {
    float[] matrix = weights.add("weight", 37, 21);
    float[] bias = weights.add("bias", 37);
    Linear linear = new Linear(weights.scope(), 21, 37);
    assertEquals(37, linear.outFeatures());
    Tensor x = weights.random.tensor(5, 21);
    Tensor y = weights.random.tensor(5, 37);
    double[] before = Naive.widen(y.toArray());
    double[] product = Naive.linear(x.toArray(), 21, matrix, bias, 37);
    linear.addTo(x, y, weights.ws);
    weights.assertClose(Shape.of(5, 37), Naive.add(before, product), y);
    linear.forward(x, y, weights.ws);
    weights.assertClose(Shape.of(5, 37), product, y);
  }

  @Test
  void linearStoredAsAConvolution() {
    float[] matrix = weights.add("weight", 7, 5, 1, 1);
    Linear linear = new Linear(weights.scope(), 5, 7, Affine.none(), Activation.GELU);
    Tensor x = weights.random.tensor(5);
    Tensor y = Tensor.zeros(7);
    linear.forward(x, y, weights.ws);
    double[] z = Naive.linear(x.toArray(), 5, matrix, null, 7);
    weights.assertClose(Shape.of(7), Naive.activate(Activation.GELU, z), y);
  }

  @Test
  void norms() {
    float[] weight = weights.add("weight", 24);
    float[] bias = weights.add("bias", 24);
    Tensor x = weights.random.tensor(7, 24);
    float[] values = x.toArray();
    Tensor y = Tensor.zeros(7, 24);
    Norm.Kind.LAYER.of(weights.scope(), 24, 1e-2).forward(x, y, weights.ws);
    weights.assertClose(y.shape(), Naive.layerNorm(values, 24, weight, bias, 1e-2), y);
    Norm.Kind.RMS.of(weights.scope(), 24, 1e-2).forward(x, y, weights.ws);
    weights.assertClose(y.shape(), Naive.rmsNorm(values, 24, weight, 1e-2), y);
    Norm.Kind.SIMPLE.of(weights.scope(), 24, 1e-2).forward(x, y, weights.ws);
    weights.assertClose(y.shape(), simpleNorm(values, 24, weight, 1e-2), y);
  }

  /** x / sqrt(variance over channels - 1, plus epsilon) weight. */
  private static double[] simpleNorm(float[] x, int channels, float[] weight, double epsilon) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      float[] row = Arrays.copyOfRange(x, i - i % channels, i - i % channels + channels);
      double mean = Arrays.stream(Naive.widen(row)).average().orElseThrow();
      double squares = Arrays.stream(Naive.widen(row)).map(v -> (v - mean) * (v - mean)).sum();
      y[i] = x[i] / Math.sqrt(squares / (channels - 1) + epsilon) * weight[i % channels];
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mlp(boolean full) {
    int dim = 12;
    int hidden = 40;
    float[] in = weights.add("fc1.weight", hidden, dim);
    float[] out = weights.add("fc2.weight", dim, hidden);
    float[] inBias = full ? weights.add("fc1.bias", hidden) : null;
    float[] outBias = full ? weights.add("fc2.bias", dim) : null;
    float[] gamma = full ? weights.random.floats(dim) : null;
    Mlp mlp = new Mlp(weights.scope(), dim, hidden, full, Activation.GELU, null, gamma);
    Tensor x = weights.random.tensor(6, dim);
    Tensor y = weights.random.tensor(6, dim);
    float[] between =
        narrow(Naive.activate(Activation.GELU, Naive.linear(x.toArray(), dim, in, inBias, hidden)));
    double[] result = scaled(Naive.linear(between, hidden, out, outBias, dim), gamma);
    double[] expected = Naive.add(Naive.widen(y.toArray()), result);
    int before = top(weights.ws);
    mlp.addTo(x, y, weights.ws);
    assertEquals(before, top(weights.ws));
    weights.assertClose(Shape.of(6, dim), expected, y);
  }

  @Test
  void responseNormMlp() {
    int dim = 6;
    int hidden = 20;
    int rows = 12;
    float[] in = weights.add("fc1.weight", hidden, dim);
    float[] inBias = weights.add("fc1.bias", hidden);
    float[] gamma = weights.add("grn.weight", hidden);
    float[] beta = weights.add("grn.bias", 1, 1, 1, hidden);
    float[] out = weights.add("fc2.weight", dim, hidden);
    float[] outBias = weights.add("fc2.bias", dim);
    var mlp = new ResponseNormMlp(weights.scope(), dim, hidden, Activation.GELU);
    Tensor x = weights.random.tensor(3, 4, dim);
    Tensor y = weights.random.tensor(3, 4, dim);
    double[] h =
        Naive.activate(Activation.GELU, Naive.linear(x.toArray(), dim, in, inBias, hidden));
    double[] lengths = new double[hidden];
    for (int c = 0; c < hidden; c++) {
      for (int r = 0; r < rows; r++) {
        lengths[c] += h[r * hidden + c] * h[r * hidden + c];
      }
      lengths[c] = Math.sqrt(lengths[c]);
    }
    double mean = Arrays.stream(lengths).average().orElseThrow();
    for (int i = 0; i < h.length; i++) {
      int c = i % hidden;
      h[i] += beta[c] + gamma[c] * (h[i] * lengths[c] / (mean + 1e-6));
    }
    double[] result = Naive.linear(narrow(h), hidden, out, outBias, dim);
    double[] expected = Naive.add(Naive.widen(y.toArray()), result);
    int before = top(weights.ws);
    mlp.addTo(x, y, weights.ws);
    assertEquals(before, top(weights.ws));
    weights.assertClose(Shape.of(3, 4, dim), expected, y);
  }

  @Test
  void patchMerge() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, 1);
    Tensor y = PatchMerge.of(x, weights.ws);
    float[] expected = {1, 4, 2, 5, 3, 6, 0, 0, 7, 0, 8, 0, 9, 0, 0, 0};
    assertEquals(Shape.of(2, 2, 4), y.shape());
    assertArrayEquals(expected, y.toArray());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gatedMlp(boolean full) {
    int dim = 12;
    int hidden = 20;
    float[] in = weights.add("fc1.weight", 2 * hidden, dim);
    float[] out = weights.add("fc2.weight", dim, hidden);
    float[] inBias = full ? weights.add("fc1.bias", 2 * hidden) : null;
    float[] outBias = full ? weights.add("fc2.bias", dim) : null;
    float[] gamma = full ? weights.random.floats(dim) : null;
    GatedMlp mlp = GatedMlp.packed(weights.scope(), dim, hidden, full, Activation.SILU, gamma);
    Tensor x = weights.random.tensor(6, dim);
    Tensor y = weights.random.tensor(6, dim);
    double[] both = Naive.linear(x.toArray(), dim, in, inBias, 2 * hidden);
    float[] gated = new float[6 * hidden];
    for (int i = 0; i < gated.length; i++) {
      int gate = i / hidden * 2 * hidden + i % hidden;
      gated[i] = (float) (Activation.SILU.apply(both[gate]) * both[gate + hidden]);
    }
    double[] result = scaled(Naive.linear(gated, hidden, out, outBias, dim), gamma);
    double[] expected = Naive.add(Naive.widen(y.toArray()), result);
    int before = top(weights.ws);
    mlp.addTo(x, y, weights.ws);
    assertEquals(before, top(weights.ws));
    weights.assertClose(Shape.of(6, dim), expected, y);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void selfAttention(boolean full) {
    int dim = 24;
    int heads = 3;
    float[] qkv = weights.add("qkv.weight", 3 * dim, dim);
    float[] proj = weights.add("proj.weight", dim, dim);
    float[] qkvBias = full ? weights.add("qkv.bias", 3 * dim) : null;
    float[] projBias = full ? weights.add("proj.bias", dim) : null;
    float[] gamma = full ? weights.random.floats(dim) : null;
    for (int i = 0; i < qkv.length; i++) {
      qkv[i] *= 0.3f; // so that the softmax does not pick one token
    }
    SelfAttention attention = new SelfAttention(weights.scope(), dim, heads, full, full, gamma);
    Tensor x = weights.random.tensor(10, dim);
    Tensor y = weights.random.tensor(10, dim);
    double[] z = Naive.linear(x.toArray(), dim, qkv, qkvBias, 3 * dim);
    double scale = 1 / Math.sqrt((double) dim / heads);
    float[] heard = narrow(Naive.attention(z, 10, heads, dim, scale));
    double[] result = scaled(Naive.linear(heard, dim, proj, projBias, dim), gamma);
    double[] expected = Naive.add(Naive.widen(y.toArray()), result);
    int before = top(weights.ws);
    attention.addTo(x, 1, y, weights.ws);
    assertEquals(before, top(weights.ws));
    weights.assertClose(Shape.of(10, dim), expected, y);
  }

  /** From three tensors, the joint one; even channels of queries and keys come before odd ones. */
  @Test
  void qkvProjections() {
    int dim = 12;
    float[] q = weights.add("q_proj.weight", dim, dim);
    float[] k = weights.add("k_proj.weight", dim, dim);
    float[] v = weights.add("v_proj.weight", dim, dim);
    float[] bias = weights.add("q_proj.bias", dim);
    float[] other = weights.add("v_proj.bias", dim);
    Tensor x = weights.random.tensor(2, dim);
    float[] values = x.toArray();
    double[] queries = Naive.linear(values, dim, q, bias, dim);
    double[] keys = Naive.linear(values, dim, k, null, dim);
    double[] heard = Naive.linear(values, dim, v, other, dim);
    double[] inOrder = new double[2 * 3 * dim];
    double[] evenFirst = new double[2 * 3 * dim];
    int[] evenBeforeOdd = {0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11}; // of three heads of four
    for (int t = 0; t < 2; t++) {
      for (int c = 0; c < dim; c++) {
        int to = t * 3 * dim + c;
        inOrder[to] = queries[t * dim + c];
        inOrder[to + dim] = keys[t * dim + c];
        inOrder[to + 2 * dim] = heard[t * dim + c];
        evenFirst[to] = queries[t * dim + evenBeforeOdd[c]];
        evenFirst[to + dim] = keys[t * dim + evenBeforeOdd[c]];
        evenFirst[to + 2 * dim] = heard[t * dim + c];
      }
    }
    Tensor y = Tensor.zeros(2, 3L * dim);
    var projection = QkvProjection.separate(weights.scope(), dim, true, false, true);
    projection.pack().forward(x, y, weights.ws);
    weights.assertClose(y.shape(), inOrder, y);
    projection.packEvenBeforeOdd(3).forward(x, y, weights.ws);
    weights.assertClose(y.shape(), evenFirst, y);
  }

  @Test
  void headNorm() {
    float[] weight = weights.add("q.weight", 4);
    float[] other = weights.add("k.weight", 4);
    Norm q = new RmsNorm(weights.scope().in("q"), 4, 1e-2);
    Norm k = new RmsNorm(weights.scope().in("k"), 4, 1e-2);
    Tensor qkv = weights.random.tensor(3, 24);
    float[] before = qkv.toArray();
    double[] expected = Naive.widen(before);
    for (int token = 0; token < 3; token++) {
      for (int head = 0; head < 4; head++) { // two of queries, then two of keys
        int from = token * 24 + head * 4;
        float[] own = Arrays.copyOfRange(before, from, from + 4);
        double[] norm = Naive.rmsNorm(own, 4, head < 2 ? weight : other, 1e-2);
        System.arraycopy(norm, 0, expected, from, 4);
      }
    }
    new HeadNorm(q, k, 4).forward(qkv, weights.ws);
    weights.assertClose(qkv.shape(), expected, qkv);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void invertedBottleneck(boolean full) {
    int in = 20;
    int hidden = full ? 50 : in;
    int reduced = 6;
    int out = 20;
    float[] expand = full ? weights.add("pw.weight", hidden, in, 1, 1) : null;
    float[] expandBias = full ? weights.add("pw.bias", hidden) : null;
    float[] taps = weights.add("dw.weight", hidden, 1, 3, 3);
    float[] tapsBias = weights.add("dw.bias", hidden);
    float[] reduce = full ? weights.add("se.conv_reduce.weight", reduced, hidden, 1, 1) : null;
    float[] reduceBias = full ? weights.add("se.conv_reduce.bias", reduced) : null;
    float[] excite = full ? weights.add("se.conv_expand.weight", hidden, reduced, 1, 1) : null;
    float[] exciteBias = full ? weights.add("se.conv_expand.bias", hidden) : null;
    float[] project = weights.add("pwl.weight", out, hidden, 1, 1);
    float[] projectBias = weights.add("pwl.bias", out);
    WeightScope w = weights.scope();
    Conv2d pointwise = full ? layer(Conv2d.Spec.of(in, hidden, 1), w.in("pw"), true) : null;
    Conv2d depthwise = layer(Conv2d.Spec.depthwise(hidden, 3), w.in("dw"), true);
    SqueezeExcite squeeze =
        full
            ? new SqueezeExcite(
                w.in("se"), hidden, reduced, Activation.RELU, Activation.HARD_SIGMOID)
            : null;
    Conv2d last = layer(Conv2d.Spec.of(hidden, out, 1), w.in("pwl"), false);
    InvertedBottleneck block = new InvertedBottleneck(pointwise, depthwise, squeeze, last);

    Tensor x = weights.random.tensor(5, 4, in);
    float[] h = x.toArray();
    if (full) {
      double[] wide = Naive.linear(h, in, expand, expandBias, hidden);
      h = narrow(Naive.activate(Activation.HARD_SWISH, wide));
    }
    Window window = Window.of(5, 4, 3, 1, 1, new Padding.Fixed(1));
    double[] convolved = Naive.conv2d(h, 1, window, taps, tapsBias, hidden, hidden);
    h = narrow(Naive.activate(Activation.HARD_SWISH, convolved));
    if (full) {
      float[] means = narrow(Naive.averageRows(h, hidden));
      double[] few = Naive.linear(means, hidden, reduce, reduceBias, reduced);
      float[] active = narrow(Naive.activate(Activation.RELU, few));
      double[] gates = Naive.linear(active, reduced, excite, exciteBias, hidden);
      h = narrow(scaled(Naive.widen(h), narrow(Naive.activate(Activation.HARD_SIGMOID, gates))));
    }
    double[] expected = Naive.linear(h, hidden, project, projectBias, out);
    weights.assertClose(Shape.of(5, 4, out), expected, block.forward(x, null, weights.ws));
    double[] sum = Naive.add(expected, Naive.widen(x.toArray()));
    weights.assertClose(Shape.of(5, 4, out), sum, block.forward(x, x, weights.ws));
  }

  @Test
  void aBatchNormMayStandAlone() {
    int channels = 37;
    float[] gamma = weights.add("weight", channels);
    float[] beta = weights.add("bias", channels);
    float[] mean = weights.add("running_mean", channels);
    float[] variance = weights.addPositive("running_var", channels);
    var norm = new ChannelAffine(Affine.batchNorm(weights.scope(), channels, 1e-3), channels);
    for (int height = 2; height < 4; height++) { // of one layer, sizes may follow each other
      Tensor x = weights.random.tensor(height, 5, channels);
      double[] y = Naive.widen(x.toArray());
      for (int i = 0; i < y.length; i++) {
        int c = i % channels;
        y[i] = (y[i] - mean[c]) / Math.sqrt(variance[c] + 1e-3) * gamma[c] + beta[c];
      }
      weights.assertClose(Shape.of(height, 5, channels), y, norm.forward(x, weights.ws));
    }
  }

  @Test
  void aBottleneckMayEndWithAnActivation() {
    int in = 19;
    int out = 5;
    float[] taps = weights.add("dw.weight", in, 1, 3, 3);
    float[] tapsBias = weights.add("dw.bias", in);
    float[] project = weights.add("pwl.weight", out, in, 1, 1);
    float[] projectBias = weights.add("pwl.bias", out);
    WeightScope w = weights.scope();
    Conv2d depthwise = layer(Conv2d.Spec.depthwise(in, 3).stride(2), w.in("dw"), true);
    Conv2d last = layer(Conv2d.Spec.of(in, out, 1), w.in("pwl"), true);
    InvertedBottleneck block = new InvertedBottleneck(null, depthwise, null, last);

    Tensor x = weights.random.tensor(5, 8, in);
    Window window = Window.of(5, 8, 3, 2, 1, new Padding.Fixed(1));
    double[] convolved = Naive.conv2d(x.toArray(), 1, window, taps, tapsBias, in, in);
    float[] h = narrow(Naive.activate(Activation.HARD_SWISH, convolved));
    double[] projected = Naive.linear(h, in, project, projectBias, out);
    weights.assertClose(
        Shape.of(3, 4, out),
        Naive.activate(Activation.HARD_SWISH, projected),
        block.forward(x, null, weights.ws));
  }

  private static Conv2d layer(Conv2d.Spec spec, WeightScope w, boolean activates) {
    Activation activation = activates ? Activation.HARD_SWISH : Activation.IDENTITY;
    return new Conv2d(spec, w, Affine.bias(w, spec.out()), activation);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void patchEmbed(boolean full) {
    int patch = 4;
    int dim = 9;
    float[] kernel = weights.add("proj.weight", dim, 3, patch, patch);
    float[] bias = full ? weights.add("proj.bias", dim) : null;
    PatchEmbed embed = new PatchEmbed(weights.scope(), 3, patch, dim, full);
    Tensor x = weights.random.tensor(13, 11, 3); // three and two patches, and a rest
    Tensor positions = full ? weights.random.tensor(3, 2, dim) : null;
    Tensor y = Tensor.zeros(3, 2, dim);
    embed.forward(x, positions, y, weights.ws);
    Window window = Window.of(13, 11, patch, patch, 1, new Padding.Fixed(0));
    double[] expected = Naive.conv2d(x.toArray(), 3, window, kernel, bias, dim, 1);
    weights.assertClose(
        y.shape(), full ? Naive.add(expected, Naive.widen(positions.toArray())) : expected, y);
  }

  /** Where the next tensor of the workspace would be. */
  private static int top(Workspace ws) {
    Mark mark = ws.mark();
    int top = ws.tensor(1).offset();
    ws.release(mark);
    return top;
  }

  private static double[] scaled(double[] rows, float[] factors) {
    double[] result = rows.clone();
    for (int i = 0; factors != null && i < rows.length; i++) {
      result[i] *= factors[i % factors.length];
    }
    return result;
  }

  /** Rounded, as intermediate results are. */
  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
