package ocellus.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A script of src/reference that answers each line with a line of numbers, and computes only when
 * it is asked to.
 */
final class PythonProcess implements AutoCloseable {
  private final Path script;
  private final Process process;
  private final Writer requests;
  private final BufferedReader answers;

  /**
   * @param python the command that starts a Python with what the script needs
   * @param script its name
   */
  PythonProcess(String python, String script, Object... args) throws IOException {
    // bench/run says where the checkout is.
    this.script = Path.of(System.getProperty("ocellus.home", "."), "src/reference", script);
    List<String> command = new ArrayList<>(List.of(python, this.script.toString()));
    Stream.of(args).map(Object::toString).forEach(command::add);
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    requests = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  double[] ask(String request) {
    try {
      requests.write(request + "\n");
      requests.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException(script + " has ended, see its message");
      }
      return Stream.of(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
