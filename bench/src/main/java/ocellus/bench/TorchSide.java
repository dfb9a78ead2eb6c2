package ocellus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import ocellus.engine.Tensor;

/**
 * PyTorch, eager, in the better of its layouts of memory: a process of src/reference/torch_side.py
 * that computes when it is asked to.
 */
final class TorchSide implements Side {
  static final String NAME = "PyTorch";

  private final Path input;
  private final PythonProcess process;

  /**
   * @param python the command that starts a Python with torch, timm and safetensors
   */
  TorchSide(String python, Path directory, int threads, List<Tensor> images) throws IOException {
    input = Files.createTempFile("ocellus-images", ".f32");
    for (Tensor image : images) {
      ByteBuffer bytes = ByteBuffer.allocate(image.size() * Float.BYTES);
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(image.data());
      Files.write(input, bytes.array(), StandardOpenOption.APPEND);
    }
    process = new PythonProcess(python, "torch_side.py", directory, threads, images.size(), input);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public float[] logits() {
    double[] answer = process.ask("logits");
    float[] logits = new float[answer.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) answer[i];
    }
    return logits;
  }

  @Override
  public double[] passes(double millis) {
    return process.ask("passes " + millis);
  }

  @Override
  public void close() {
    process.close();
    try {
      Files.deleteIfExists(input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
