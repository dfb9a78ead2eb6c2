package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.RandomData.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LayerNorm, RMS norm, simple norm and softmax. */
class RowParityTest {
  private final RandomData random = new RandomData();

  @ParameterizedTest(name = "{0}: {1} x {2}")
  @CsvSource({
    "ViT-Ti, 197, 192",
    "ViT-S, 197, 384",
    "ViT-B/32, 50, 768",
    "ViT-H, 5, 1280",
    "ConvNeXt-T stages.0, 3136, 96",
    "ConvNeXt-XXL stages.3, 49, 3072"
  })
  void normsOfRealLayers(String layer, int rows, int channels) {
    checkNorms(layer, random.tensor(rows, channels), channels);
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#positiveExtents")
  void normsOfAnySize(int size) {
    checkNorms("channels", random.tensor(5, size), size);
    checkNorms("rows", random.tensor(size, 33), 33);
  }

  @Test
  void normsOfNoRows() {
    checkNorms("no rows", random.tensor(0, 33), 33);
  }

  @ParameterizedTest
  @EnumSource
  void normsOfUnusualNumbers(Kind kind) {
    checkNorms(kind.name(), random.tensor(kind, 40, 192), 192);
    checkNorms(kind.name(), random.tensor(kind, 70, 19), 19);
  }

  /** Far from zero, where the mean of the squares less the square of the mean has no digits. */
  @ParameterizedTest
  @ValueSource(floats = {0, 1, -300, 4000})
  void normsOfShiftedRows(float shift) {
    Tensor x = random.tensor(9, 200);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] += shift;
    }
    checkNorms("shifted by " + shift, x, 200);
  }

  @Test
  void normsOfConstantRows() {
    Tensor x = random.tensor(2, 64);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] = i < 64 ? 0 : 0.3f;
    }
    checkNorms("constant", x, 64);
  }

  private void checkNorms(String what, Tensor x, int channels) {
    float[] weight = random.floats(channels);
    float[] bias = random.floats(channels);
    checkLayerNorm(what, x, weight, bias, 1e-6);
    checkLayerNorm(what, x, null, null, 1e-5);
    checkLayerNorm(what, x, weight, null, 1e-12);
    checkRmsNorm(what, x, weight);
    checkRmsNorm(what, x, null);
    if (channels >= 2) {
      checkSimpleNorm(what, x, weight, 1e-6);
      checkSimpleNorm(what, x, null, 1e-5);
    }
  }

  private void checkLayerNorm(String what, Tensor x, float[] weight, float[] bias, double epsilon) {
    double[] bounds = ErrorBound.ofLayerNorm(x, weight, bias, epsilon);
    String name = "layerNorm, " + what + ", " + x + ", epsilon " + epsilon + ", " + random;
    KernelParity.check(
        name,
        Guarded.unset(x.shape()),
        List.of(x),
        bounds,
        (kernels, y, ws) -> kernels.layerNorm(x, weight, bias, epsilon, y, ws));
    KernelParity.check(
        name + " in place",
        x,
        List.of(),
        bounds,
        (kernels, y, ws) -> kernels.layerNorm(y, weight, bias, epsilon, y, ws));
  }

  private void checkRmsNorm(String what, Tensor x, float[] weight) {
    Tensor y = Tensor.zeros(x.shape().toArray());
    KernelParity.SCALAR.rmsNorm(x, weight, 1e-6, y, new Workspace());
    double[] bounds = ErrorBound.ofRmsNorm(y);
    String name = "rmsNorm, " + what + ", " + x + ", " + random;
    KernelParity.check(
        name,
        Guarded.unset(x.shape()),
        List.of(x),
        bounds,
        (kernels, out, ws) -> kernels.rmsNorm(x, weight, 1e-6, out, ws));
    KernelParity.check(
        name + " in place",
        x,
        List.of(),
        bounds,
        (kernels, out, ws) -> kernels.rmsNorm(out, weight, 1e-6, out, ws));
  }

  @ParameterizedTest(name = "{0} tokens, {1} heads of {2}")
  @CsvSource({"64, 3, 32", "5, 2, 17", "1, 1, 1", "0, 2, 8", "700, 4, 3", "3, 24, 32", "9, 1, 16"})
  void headsOfUnitLength(int tokens, int heads, int width) {
    Tensor qkv = random.tensor(tokens, 3 * heads * width);
    if (tokens > 0) {
      Arrays.fill(qkv.data(), qkv.offset(), qkv.offset() + width, 0f);
    }
    float[] factors = random.floats(heads);
    Tensor exact = Guarded.copy(qkv);
    KernelParity.SCALAR.normalizeHeads(exact, heads, factors, new Workspace());
    KernelParity.check(
        "normalizeHeads, " + qkv + ", " + heads + " heads, " + random,
        qkv,
        List.of(),
        ErrorBound.ofRmsNorm(exact),
        (kernels, y, ws) -> kernels.normalizeHeads(y, heads, factors, ws));
  }

  private void checkSimpleNorm(String what, Tensor x, float[] weight, double epsilon) {
    double[] bounds = ErrorBound.ofSimpleNorm(x, weight, epsilon);
    String name = "simpleNorm, " + what + ", " + x + ", epsilon " + epsilon + ", " + random;
    KernelParity.check(
        name,
        Guarded.unset(x.shape()),
        List.of(x),
        bounds,
        (kernels, y, ws) -> kernels.simpleNorm(x, weight, epsilon, y, ws));
    KernelParity.check(
        name + " in place",
        x,
        List.of(),
        bounds,
        (kernels, y, ws) -> kernels.simpleNorm(y, weight, epsilon, y, ws));
  }

  @ParameterizedTest(name = "{0}: {1} x {2}")
  @CsvSource({"ImageNet, 1, 1000", "ImageNet-22k, 3, 21841", "scores of ViT-Ti, 591, 197"})
  void softmaxOfRealLayers(String layer, int rows, int channels) {
    checkSoftmax(layer, random.tensor(rows, channels));
  }

  @ParameterizedTest
  @MethodSource("ocellus.engine.kernels.KernelParity#extents")
  void softmaxOfAnySize(int size) {
    checkSoftmax("channels", random.tensor(5, size));
    checkSoftmax("rows", random.tensor(size, 33));
  }

  @ParameterizedTest
  @EnumSource
  void softmaxOfUnusualNumbers(Kind kind) {
    checkSoftmax(kind.name(), random.tensor(kind, 40, 197));
    checkSoftmax(kind.name(), random.tensor(kind, 100, 10));
  }

  @Test
  void softmaxOfLogitsThatAreFarApart() {
    Tensor x = random.tensor(20, 100);
    for (int i = 0; i < x.size(); i++) {
      x.data()[x.offset() + i] *= 60;
    }
    checkSoftmax("far apart", x);
  }

  @Test
  void softmaxOfInfinities() {
    float inf = Float.POSITIVE_INFINITY;
    for (int channels : new int[] {2, 20, 67}) {
      for (int at = 0; at < channels; at++) {
        for (float special : new float[] {Float.NaN, inf, -inf}) {
          Tensor x = random.tensor(3, channels);
          x.data()[x.offset() + channels + at] = special;
          checkSoftmax(special + " at " + at, x);
        }
      }
      Tensor nothing = random.tensor(1, channels);
      for (int i = 0; i < channels; i++) {
        nothing.data()[nothing.offset() + i] = -inf;
      }
      checkSoftmax("all -infinity", nothing);
    }
  }

  @Test
  void softmaxSumsToOne() {
    int channels = 1000;
    Tensor x = random.tensor(30, channels);
    Kernels.softmax(x, new Workspace());
    float[] y = x.toArray();
    for (int row = 0; row < 30; row++) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += y[row * channels + c];
      }
      double tolerance = (ErrorBound.growth(channels) + 2) * ErrorBound.ROUNDOFF;
      assertEquals(1, sum, tolerance, "row " + row + ", " + random);
    }
  }

  private void checkSoftmax(String what, Tensor x) {
    KernelParity.check(
        "softmax, " + what + ", " + x + ", " + random,
        x,
        List.of(),
        ErrorBound.ofSoftmax(x),
        (kernels, y, ws) -> kernels.softmax(y, ws));
  }
}
