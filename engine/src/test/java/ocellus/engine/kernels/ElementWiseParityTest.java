package ocellus.engine.kernels;

import java.util.List;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums, channel factors and means over all rows. */
class ElementWiseParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} x {2}")
  @CsvSource({
    "ViT-Ti, 197, 192",
    "MobileNetV3-S blocks.0, 3136, 16",
    "MobileNetV3-S blocks.2, 196, 240",
    "MobileNetV3-S blocks.4, 49, 576",
    "ConvNeXt-T stages.0, 3136, 96"
  })
  void realLayers(String layer, int rows, int channels) {
    checkAll(layer, Kind.NORMAL, rows, channels);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void anySize(int size) {
    checkAll("channels", Kind.NORMAL, 7, size);
    checkAll("rows", Kind.NORMAL, size, 35);
  }

  @ParameterizedTest
  @EnumSource
  void unusualNumbers(Kind kind) {
    checkAll("unusual", kind, 49, 200);
  }

  private void checkAll(String what, Kind kind, int rows, int channels) {
    String name = what + ", " + kind + " " + rows + " x " + channels + ", " + random;
    Tensor x = random.tensor(kind, rows, channels);
    double[] exact = new double[x.size()]; // one operation, rounded alike on both sides
    Tensor other = random.tensor(kind, rows, channels);
    KernelParity.check(
        "add, " + name, x, List.of(other), exact, (kernels, y, ws) -> kernels.add(y, other, ws));
    Tensor factors = random.tensor(channels);
    KernelParity.check(
        "scaleChannels, " + name,
        Guarded.unset(x.shape()),
        List.of(x, factors),
        exact,
        (kernels, y, ws) -> kernels.scaleChannels(x, factors, y, ws));
    KernelParity.check(
        "scaleChannels in place, " + name,
        x,
        List.of(factors),
        exact,
        (kernels, y, ws) -> kernels.scaleChannels(y, factors, y, ws));
    addScaled(name, Activation.IDENTITY, x, factors, other);
    addScaled(name, Activation.SILU, x, factors, other);
    if (rows > 0) {
      Tensor means = Tensor.zeros(channels);
      KernelParity.SCALAR.averageRows(ErrorBound.magnitudes(x), means, new Workspace());
      KernelParity.check(
          "averageRows, " + name,
          Guarded.unset(Shape.of(channels)),
          List.of(x),
          ErrorBound.ofSums(rows + 1, means),
          (kernels, y, ws) -> kernels.averageRows(x, y, ws));
    }
  }

  private static void addScaled(
      String name, Activation activation, Tensor x, Tensor factors, Tensor y) {
    Tensor magnitudes = ErrorBound.magnitudes(y);
    KernelParity.SCALAR.addScaled(
        ErrorBound.magnitudes(x),
        ErrorBound.magnitudes(factors),
        Activation.IDENTITY,
        magnitudes,
        new Workspace());
    double[] bound = ErrorBound.ofSums(2, magnitudes);
    Tensor sums = Guarded.copy(y);
    KernelParity.SCALAR.addScaled(x, factors, Activation.IDENTITY, sums, new Workspace());
    KernelParity.check(
        "addScaled, " + activation + ", " + name,
        y,
        List.of(x, factors),
        activation == Activation.IDENTITY ? bound : ErrorBound.ofActivation(bound, sums),
        (kernels, result, ws) -> kernels.addScaled(x, factors, activation, result, ws));
  }
}
