package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Naive;
import ocellus.engine.kernels.Window;
import ocellus.engine.kernels.Window.Padding;
import ocellus.engine.layers.Conv2d.Spec;
import org.junit.jupiter.api.Test;

/** Each way to compute a convolution, with a batch norm folded in. */
class Conv2dTest {
  private static final double EPSILON = 1e-3;

  private final RandomWeights weights = new RandomWeights();

  @Test
  void pointwise() {
    check(Spec.of(11, 21, 1), 6, 5);
  }

  @Test
  void pointwiseWithStride() {
    check(Spec.of(11, 21, 1).stride(2), 6, 5);
  }

  @Test
  void pointwiseWithPadding() {
    check(Spec.of(3, 4, 1).padding(1), 3, 3);
  }

  @Test
  void dense() {
    check(Spec.of(3, 17, 3).stride(2).padding(1), 9, 8);
  }

  @Test
  void denseWithSamePadding() {
    check(Spec.of(3, 17, 3).stride(2).padding(new Padding.Same()), 9, 8);
  }

  @Test
  void denseWithDifferentPaddingOnBothSides() {
    check(Spec.of(3, 17, 3).stride(2).padding(new Padding.Sides(0, 1)), 9, 8);
  }

  @Test
  void depthwiseWithDifferentPaddingOnBothSides() {
    check(Spec.depthwise(19, 5).stride(2).padding(new Padding.Sides(1, 2)), 9, 8);
  }

  @Test
  void minimalFiltering() {
    check(Spec.of(33, 17, 3).padding(1), 9, 8);
    check(Spec.of(16, 40, 3).padding(new Padding.Same()), 5, 6);
    check(Spec.of(16, 16, 3).padding(new Padding.Sides(0, 1)), 7, 3);
    check(Spec.of(16, 16, 3), 3, 3);
    check(Spec.of(190, 190, 3).padding(1), 3, 5);
  }

  @Test
  void oblong() {
    check(Spec.oblong(5, 18, 1, 7), 9, 8);
    check(Spec.oblong(5, 18, 7, 1), 9, 8);
    check(Spec.oblong(3, 18, 5, 3).stride(2), 9, 8);
    check(Spec.oblong(4, 18, 3, 1).dilation(2), 9, 8);
  }

  @Test
  void onlyASquareKernelHasOneSize() {
    assertEquals(3, Spec.of(1, 1, 3).kernel());
    assertThrows(IllegalStateException.class, () -> Spec.oblong(1, 1, 1, 3).kernel());
  }

  @Test
  void asLargeAsTheMap() {
    check(Spec.of(3, 17, 5), 5, 5);
  }

  @Test
  void asLargeAsTheMapWithPadding() {
    check(Spec.of(3, 17, 5).stride(4).padding(1), 5, 5);
  }

  @Test
  void dilated() {
    check(Spec.of(3, 4, 3).dilation(2).padding(2), 9, 8);
  }

  @Test
  void grouped() {
    check(Spec.of(12, 18, 3).groups(3).padding(1), 5, 6);
  }

  @Test
  void groupedFew() {
    check(Spec.of(19 * 4, 19 * 4, 3).groups(19).padding(1), 5, 6);
    check(Spec.of(7 * 8, 7 * 8, 3).groups(7).stride(2).padding(1), 5, 6);
    check(Spec.of(46 * 8, 46 * 8, 3).groups(46).padding(1), 7, 7);
    check(Spec.of(5 * 6, 5 * 3, 2).groups(5), 4, 3);
  }

  @Test
  void groupedAsWideAsAVectorOrAPanel() {
    check(Spec.of(5 * 16, 5 * 16, 3).groups(5).padding(1), 5, 6);
    check(Spec.of(3 * 32, 3 * 32, 3).groups(3).stride(2).padding(1), 7, 6);
    check(Spec.of(3 * 24, 3 * 24, 3).groups(3).padding(1), 5, 6);
  }

  @Test
  void groupedDilated() {
    check(Spec.of(6 * 8, 6 * 8, 3).groups(6).dilation(2).padding(2), 5, 6);
  }

  @Test
  void groupedMany() {
    check(Spec.of(2 * 56, 2 * 56, 3).groups(2).padding(1), 5, 6);
  }

  @Test
  void oneInputChannelForSeveralOutputChannels() {
    check(Spec.of(6, 12, 3).groups(6).padding(1), 5, 6);
  }

  @Test
  void depthwise() {
    check(Spec.depthwise(19, 5).stride(2), 9, 8);
  }

  @Test
  void depthwiseDilated() {
    check(Spec.depthwise(19, 3).dilation(2).padding(2), 9, 8);
  }

  private void check(Spec spec, int height, int width) {
    int in = spec.in() / spec.groups();
    float[] kernel =
        weights.add("conv.weight", spec.out(), in, spec.kernelHeight(), spec.kernelWidth());
    float[] gamma = weights.add("bn.weight", spec.out());
    float[] beta = weights.add("bn.bias", spec.out());
    float[] mean = weights.add("bn.running_mean", spec.out());
    float[] variance = weights.addPositive("bn.running_var", spec.out());
    Affine norm = Affine.batchNorm(weights.scope().in("bn"), spec.out(), EPSILON);
    Conv2d conv = new Conv2d(spec, weights.scope().in("conv"), norm, Activation.HARD_SWISH);
    Tensor x = weights.random.tensor(height, width, spec.in());
    Window window =
        Window.of(
            height,
            width,
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.stride(),
            spec.dilation(),
            spec.padding());
    assertEquals(window, conv.window(height, width));
    assertEquals(spec.out(), conv.outChannels());
    double[] z = Naive.conv2d(x.toArray(), in, window, kernel, null, spec.out(), spec.groups());
    for (int i = 0; i < z.length; i++) {
      int c = i % spec.out();
      z[i] = (z[i] - mean[c]) / Math.sqrt(variance[c] + EPSILON) * gamma[c] + beta[c];
    }
    Shape shape = Shape.of(window.outHeight(), window.outWidth(), spec.out());
    weights.assertClose(
        shape, Naive.activate(Activation.HARD_SWISH, z), conv.forward(x, weights.ws));
    checkResidual(spec, conv, x, z, shape);
  }

  private void checkResidual(Spec spec, Conv2d conv, Tensor x, double[] z, Shape shape) {
    Tensor residual = weights.random.tensor((int) shape.dim(0), (int) shape.dim(1), spec.out());
    if (spec.groups() == spec.in() && spec.groups() == spec.out()) {
      assertThrows(IllegalArgumentException.class, () -> conv.forward(x, residual, weights.ws));
      return;
    }
    double[] sum = Naive.add(z, Naive.widen(residual.toArray()));
    weights.assertClose(
        shape, Naive.activate(Activation.HARD_SWISH, sum), conv.forward(x, residual, weights.ws));
  }

  @Test
  void hasABiasByDefault() {
    float[] kernel = weights.add("weight", 4, 3, 2, 2);
    float[] bias = weights.add("bias", 4);
    Conv2d conv = new Conv2d(Spec.of(3, 4, 2), weights.scope());
    for (int size = 3; size < 6; size++) { // of one layer, sizes may follow each other
      Tensor x = weights.random.tensor(size, size + 1, 3);
      Window window = Window.of(size, size + 1, 2, 1, 1, new Padding.Fixed(0));
      weights.assertClose(
          Shape.of(size - 1, size, 4),
          Naive.conv2d(x.toArray(), 3, window, kernel, bias, 4, 1),
          conv.forward(x, weights.ws));
    }
  }
}
