package ocellus.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ocellus.engine.Tensor;
import ocellus.models.ImageModel;
import ocellus.models.LoadOptions;
import ocellus.models.LoadedModel;

/**
 * Ocellus and ONNX Runtime on the same weights and the same input, in turns, so that what slows the
 * machine down slows down both.
 *
 * <p>Arguments: folders with a checkpoint and its {@code model.onnx} beside it, as
 * src/reference/export_onnx.py writes them. Each is run with 1 and 2 threads and batches of 1 and
 * 8; ONNX Runtime with all optimisations.
 */
public final class SideBySide {
  private static final int[] THREADS = {1, 2};
  private static final int[] BATCHES = {1, 8};
  private static final double WARM_UP_SECONDS = 3;
  private static final double SECONDS = 10;

  /** Both are right to rounding; this is to notice that they do not run the same network. */
  private static final double TOLERANCE = 1e-3;

  private SideBySide() {}

  public static void main(String[] args) throws OrtException {
    double ceiling = FmaCeiling.multiplyAddsPerSecond();
    System.out.printf(Locale.ROOT, "FMA ceiling of one core: %.0f GFLOPS%n", 2 * ceiling / 1e9);
    System.out.printf(
        "%-32s %7s %5s %12s %12s %7s%n",
        "model", "threads", "batch", "Ocellus ms", "ORT ms", "ratio");
    double logs = 0;
    int count = 0;
    for (String directory : args) {
      for (int threads : THREADS) {
        for (int batch : BATCHES) {
          logs += Math.log(compare(Path.of(directory), threads, batch));
          count++;
        }
      }
    }
    System.out.printf(Locale.ROOT, "geometric mean of the ratios: %.2f%n", Math.exp(logs / count));
  }

  /** ONNX Runtime's median over ours. */
  private static double compare(Path directory, int threads, int batch) throws OrtException {
    Path onnx = directory.resolve("model.onnx");
    if (!Files.exists(onnx)) {
      throw new IllegalArgumentException(
          onnx + " is missing; src/reference/export_onnx.py makes it");
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (LoadedModel ours =
            LoadedModel.load(directory, LoadOptions.defaults().withThreads(threads));
        OrtSession.SessionOptions options = sessionOptions(threads);
        OrtSession session = environment.createSession(onnx.toString(), options)) {
      ImageModel network = ours.network();
      List<Tensor> images = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        images.add(
            KernelRun.randomTensor(
                network.inputHeight(), network.inputWidth(), network.inputChannels()));
      }
      String name = session.getInputNames().iterator().next();
      try (OnnxTensor input = channelsFirst(environment, images)) {
        Map<String, OnnxTensor> inputs = Map.of(name, input);
        requireSame(ours.logits(images).getFirst(), first(session, inputs));
        double[][] millis = alternate(() -> ours.logits(images), () -> first(session, inputs));
        double our = median(millis[0]);
        double theirs = median(millis[1]);
        System.out.printf(
            Locale.ROOT,
            "%-32s %7d %5d %12.2f %12.2f %7.2f%n",
            directory.getFileName(),
            threads,
            batch,
            our,
            theirs,
            theirs / our);
        return theirs / our;
      }
    }
  }

  private static OrtSession.SessionOptions sessionOptions(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    options.setIntraOpNumThreads(threads);
    return options;
  }

  private static OnnxTensor channelsFirst(OrtEnvironment environment, List<Tensor> images)
      throws OrtException {
    int height = images.getFirst().dim(0);
    int width = images.getFirst().dim(1);
    int channels = images.getFirst().dim(2);
    int pixels = height * width;
    FloatBuffer buffer = FloatBuffer.allocate(images.size() * channels * pixels);
    for (Tensor image : images) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          buffer.put(image.data()[p * channels + c]);
        }
      }
    }
    long[] shape = {images.size(), channels, height, width};
    return OnnxTensor.createTensor(environment, buffer.flip(), shape);
  }

  private static float[] first(OrtSession session, Map<String, OnnxTensor> inputs) {
    try (OrtSession.Result result = session.run(inputs)) {
      return ((float[][]) result.get(0).getValue())[0];
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void requireSame(float[] ours, float[] theirs) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < theirs.length; i++) {
      largest = Math.max(largest, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    if (!(difference <= TOLERANCE * largest)) {
      throw new IllegalStateException("the outputs differ by " + difference + " of " + largest);
    }
  }

  /** Milliseconds of the passes of each, one after the other's, after a warm-up. */
  private static double[][] alternate(Runnable ours, Runnable theirs) {
    run(ours, theirs, WARM_UP_SECONDS);
    return run(ours, theirs, SECONDS);
  }

  private static double[][] run(Runnable ours, Runnable theirs, double seconds) {
    List<Double> a = new ArrayList<>();
    List<Double> b = new ArrayList<>();
    long start = System.nanoTime();
    do {
      a.add(millis(ours));
      b.add(millis(theirs));
    } while (System.nanoTime() - start < seconds * 1e9);
    return new double[][] {toArray(a), toArray(b)};
  }

  private static double millis(Runnable pass) {
    long start = System.nanoTime();
    pass.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double[] toArray(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
