package ocellus.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ocellus.engine.Tensor;

/**
 * ONNX Runtime on a model, with all optimisations and the setting of its threads that is best in
 * turns with others.
 */
final class OnnxSide implements Side {
  static final String NAME = "ONNX Runtime";

  private static final double TRIAL_SECONDS = 1;

  /** Its workers may spin for the next pass, or go to sleep when one ends. */
  private enum Spinning {
    ON,
    STOPPED_AFTER_EACH_PASS
  }

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;

  /** What a model is run on. */
  @FunctionalInterface
  private interface Input {
    OnnxTensor in(OrtEnvironment environment) throws OrtException;
  }

  /** The {@code model.onnx} of a folder on images, {@code [height, width, channels]} each. */
  static OnnxSide best(Path directory, int threads, List<Tensor> images) throws OrtException {
    Input input = environment -> channelsFirst(environment, images);
    return best(directory.resolve("model.onnx"), threads, input);
  }

  /** The {@code text.onnx} of a folder on token ids, {@code [texts, context]}. */
  static OnnxSide best(Path directory, int threads, long[][] ids) throws OrtException {
    Input input = environment -> OnnxTensor.createTensor(environment, ids);
    return best(directory.resolve("text.onnx"), threads, input);
  }

  /** The better of its settings; one thread has nothing to set. */
  private static OnnxSide best(Path file, int threads, Input input) throws OrtException {
    OnnxSide spinning = new OnnxSide(file, threads, Spinning.ON, input);
    if (threads == 1) {
      return spinning;
    }
    OnnxSide stopping = new OnnxSide(file, threads, Spinning.STOPPED_AFTER_EACH_PASS, input);
    List<Double> millis =
        Turns.take(List.of(spinning, stopping), TRIAL_SECONDS, TRIAL_SECONDS).millis();
    boolean spinningIsBetter = millis.get(0) <= millis.get(1);
    (spinningIsBetter ? stopping : spinning).close();
    return spinningIsBetter ? spinning : stopping;
  }

  private OnnxSide(Path file, int threads, Spinning spinning, Input input) throws OrtException {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          file + " is missing; see src/reference/export_onnx.py and export_clip_onnx.py");
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.addConfigEntry("session.force_spinning_stop", spinning == Spinning.ON ? "0" : "1");
      session = environment.createSession(file.toString(), options);
    }
    String name = session.getInputNames().iterator().next();
    inputs = Map.of(name, input.in(environment));
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

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public float[] logits() {
    try (OrtSession.Result result = session.run(inputs)) {
      return ((float[][]) result.get(0).getValue())[0];
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public double[] passes(double millis) {
    return Side.time(this::logits, millis);
  }

  @Override
  public void close() {
    try {
      inputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
