package ocellus.loaders.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/** The lines of a file in UTF-8. */
public final class TextLines {
  /** Larger than the lists of labels of the largest data sets by a factor of ten. */
  private static final int MAX_BYTES = 64 << 20;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private TextLines() {}

  /**
   * The lines that are not blank, without the spaces behind them. A byte order mark is skipped.
   *
   * @throws CheckpointException if the file cannot be read or is not UTF-8
   */
  public static List<String> read(Path file) {
    String name = Printable.name(file);
    byte[] bytes = bytes(file, name);
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          name + ": not in UTF-8; save it in that encoding, as with iconv -t UTF-8", e);
    }
    if (text.indexOf('\0') >= 0) {
      throw new CheckpointException(
          name + ": not a text in UTF-8, since it has zero bytes; save it in that encoding");
    }
    String content = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    return content.lines().map(String::stripTrailing).filter(line -> !line.isEmpty()).toList();
  }

  private static byte[] bytes(Path file, String name) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CheckpointException(
            "%s: larger than %d MiB, too large for a list of words"
                .formatted(name, MAX_BYTES >> 20));
      }
      return bytes;
    } catch (IOException e) {
      throw new CheckpointException(name + ": cannot be read: " + Printable.reason(e), e);
    }
  }
}
