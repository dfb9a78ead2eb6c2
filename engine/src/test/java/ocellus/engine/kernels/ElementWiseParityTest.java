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

  @ParameterizedTest
  @EnumSource
  void gatesOfAnyActivation(Activation activation) {
    checkGate("activation", Kind.NORMAL, activation, 5, 67);
    checkGate("activation", Kind.OUTLIERS, activation, 5, 67);
  }

  @ParameterizedTest(name = "{0}: {1} sums of {2} x {3}")
  @CsvSource({"ViT-B MAP, 12, 196, 768", "SO400M MAP, 16, 729, 144", "many rows, 2, 1031, 37"})
  void weightedSums(String what, int sums, int rows, int columns) {
    checkSums(what, Kind.NORMAL, sums, rows, columns);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void weightedSumsOfAnySize(int size) {
    checkSums("rows", Kind.NORMAL, 3, size, 35);
    checkSums("columns", Kind.NORMAL, 3, 7, size);
    checkSums("sums", Kind.NORMAL, size, 7, 35);
  }

  @ParameterizedTest
  @EnumSource
  void weightedSumsOfUnusualNumbers(Kind kind) {
    checkSums("unusual", kind, 5, 61, 70);
  }

  private void checkSums(String what, Kind kind, int sums, int rows, int columns) {
    Tensor weights = random.tensor(kind, sums, rows);
    Tensor x = random.tensor(kind, rows, columns);
    Tensor magnitudes = Tensor.zeros(sums, columns);
    KernelParity.SCALAR.weightedSums(
        ErrorBound.magnitudes(weights), ErrorBound.magnitudes(x), magnitudes, new Workspace());
    KernelParity.check(
        "weightedSums, %s, %s %d x %d x %d, %s".formatted(what, kind, sums, rows, columns, random),
        Guarded.unset(Shape.of(sums, columns)),
        List.of(weights, x),
        ErrorBound.ofSums(rows + 1, magnitudes),
        (kernels, y, ws) -> kernels.weightedSums(weights, x, y, ws));
  }

  private void checkGate(String what, Kind kind, Activation activation, int rows, int channels) {
    String name = "%s, %s %s %d x %d".formatted(what, kind, activation, rows, channels);
    Tensor x = random.tensor(kind, rows, 2 * channels);
    float[] values = x.toArray();
    double[] bounds = new double[rows * channels];
    for (int i = 0; i < bounds.length; i++) {
      int at = i / Math.max(1, channels) * 2 * channels + i % Math.max(1, channels);
      double gate = ErrorBound.ACTIVATION * Math.max(1, Math.abs(values[at]));
      double through = Math.abs(values[at + channels]);
      bounds[i] = (gate + ErrorBound.ROUNDOFF * Math.abs(values[at])) * through + Float.MIN_NORMAL;
    }
    KernelParity.check(
        "gate, " + name + ", " + random,
        Guarded.unset(Shape.of(rows, channels)),
        List.of(x),
        bounds,
        (kernels, y, ws) -> kernels.gate(x, activation, y, ws));
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
    checkGate(what, kind, Activation.SILU, rows, channels);
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
