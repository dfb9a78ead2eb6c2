package ocellus.loaders.tokenizer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A single-byte encoding as ftfy has it. A "sloppy" one also takes bytes that it lacks for those of
 * ISO-8859-1, and the byte 0x1a for U+FFFD.
 */
final class SingleByteCharset {
  private static final int UPPER_HALF = 0x80;
  private static final char SUBSTITUTE = 0x1a;
  private static final char REPLACEMENT = '\ufffd';

  /** All that are tried, in order. */
  static final List<SingleByteCharset> ALL =
      TextRepairData.charsets().entrySet().stream()
          .map(e -> new SingleByteCharset(e.getKey(), e.getValue()))
          .toList();

  private final String name;
  private final String upperHalf;
  private final Map<Character, Character> bytes = new HashMap<>();

  private SingleByteCharset(String name, String upperHalf) {
    this.name = name;
    this.upperHalf = upperHalf;
    for (int i = 0; i < upperHalf.length(); i++) {
      bytes.put(upperHalf.charAt(i), (char) (UPPER_HALF + i));
    }
    bytes.put(isSloppy() ? REPLACEMENT : SUBSTITUTE, SUBSTITUTE);
  }

  static SingleByteCharset named(String name) {
    return ALL.stream().filter(c -> c.name.equals(name)).findFirst().orElseThrow();
  }

  boolean isSloppy() {
    return name.startsWith("sloppy");
  }

  boolean isMacRoman() {
    return name.equals("macroman");
  }

  /** What a byte from 0x80 on stands for. */
  char decode(char upper) {
    return upperHalf.charAt(upper - UPPER_HALF);
  }

  /** The bytes of a text, one a character; null if it has a character that the encoding lacks. */
  String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      Character b = c < UPPER_HALF && c != SUBSTITUTE ? (Character) c : bytes.get(c);
      if (b == null) {
        return null;
      }
      encoded.append((char) b);
    }
    return encoded.toString();
  }
}
