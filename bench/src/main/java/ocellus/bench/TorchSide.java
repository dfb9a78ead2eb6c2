package ocellus.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import ocellus.engine.Tensor;

/**
 * PyTorch, eager, in the better of its layouts of memory: a process of src/reference/torch_side.py
 * that computes when it is asked to.
 */
final class TorchSide implements Side {
  static final String NAME = "PyTorch";

  private final Path input;
  private final Process process;
  private final Writer requests;
  private final BufferedReader answers;

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
    process =
        new ProcessBuilder(
                python,
                script().toString(),
                directory.toString(),
                Integer.toString(threads),
                Integer.toString(images.size()),
                input.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    requests = process.outputWriter(StandardCharsets.US_ASCII);
    answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /** bench/run says where the checkout is. */
  private static Path script() {
    return Path.of(System.getProperty("ocellus.home", "."), "src/reference/torch_side.py");
  }

  private double[] ask(String request) {
    try {
      requests.write(request + "\n");
      requests.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException(script() + " has ended, see its message");
      }
      return Stream.of(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public float[] logits() {
    double[] answer = ask("logits");
    float[] logits = new float[answer.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) answer[i];
    }
    return logits;
  }

  @Override
  public double[] passes(double millis) {
    return ask("passes " + millis);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      Files.deleteIfExists(input);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
