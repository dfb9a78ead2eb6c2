package ocellus.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Prints lines of UTF-8, each of which is there at once for whoever reads along. */
final class LineWriter {
  private final Writer writer;

  LineWriter(OutputStream out) {
    this.writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  /**
   * @param text one line or several, without the last line's end
   */
  void print(CharSequence text) throws IOException {
    writer.append(text).append('\n').flush();
  }
}
