package ocellus.loaders.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import ocellus.loaders.CheckpointException;

/**
 * What SentencePiece replaces characters by: a double-array trie over UTF-8, then the replacements,
 * each with a zero at its end.
 *
 * <p>Source: {@code Normalizer::DecodePrecompiledCharsMap} of SentencePiece and {@code darts.h} of
 * Darts-clone.
 */
final class CharsMap {
  private static final int LABEL = 0x8000_00ff;
  private static final int VALUE = 0x7fff_ffff;
  private static final int HAS_LEAF = 1 << 8;

  private final int[] units;
  private final byte[] replacements;

  /** How long the part of the text was that {@link #find} found. */
  private record Match(int length, String replacement) {}

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /**
   * Reads a map; an empty one replaces nothing.
   *
   * @param source what messages call the file
   */
  static CharsMap of(String source, ByteBuffer blob) {
    ByteBuffer in = blob.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (!in.hasRemaining()) {
      return new CharsMap(new int[0], new byte[0]);
    }
    int size = in.remaining() < Integer.BYTES ? -1 : in.getInt();
    if (size <= 0 || size % Integer.BYTES != 0 || size >= in.remaining()) {
      throw new CheckpointException(
          source + ": damaged: its normalisation cannot be read; fetch it again");
    }
    int[] units = new int[size / Integer.BYTES];
    in.slice(Integer.BYTES, size).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(units);
    byte[] replacements = new byte[in.remaining() - size];
    in.get(Integer.BYTES + size, replacements);
    return new CharsMap(units, replacements);
  }

  boolean isEmpty() {
    return units.length == 0;
  }

  /** Replaces from the left the longest part that the map has; what it lacks stays. */
  String replaceLongest(String text) {
    if (isEmpty()) {
      return text;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder replaced = new StringBuilder(text.length());
    int kept = 0; // of the bytes before `at`, those from here on stay
    for (int at = 0; at < utf8.length; ) {
      Match match = find(utf8, at, utf8.length, false);
      if (match == null) {
        at += length(utf8[at]);
        continue;
      }
      replaced.append(new String(utf8, kept, at - kept, StandardCharsets.UTF_8));
      replaced.append(match.replacement);
      at += match.length;
      kept = at;
    }
    return replaced
        .append(new String(utf8, kept, utf8.length - kept, StandardCharsets.UTF_8))
        .toString();
  }

  /** What the shortest part that {@code text} begins with is replaced by; null if none. */
  String replacementOfShortest(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Match match = find(utf8, 0, utf8.length, true);
    return match == null ? null : match.replacement;
  }

  private static int length(byte first) {
    return first >= 0 ? 1 : Integer.numberOfLeadingZeros(~(first << 24));
  }

  private Match find(byte[] text, int from, int to, boolean shortest) {
    if (isEmpty()) {
      return null;
    }
    Match found = null;
    int node = offset(units[0]);
    for (int i = from; i < to; i++) {
      node ^= text[i] & 0xff;
      if (node < 0 || node >= units.length || (units[node] & LABEL) != (text[i] & 0xff)) {
        break;
      }
      int unit = units[node];
      node ^= offset(unit);
      if ((unit & HAS_LEAF) != 0 && node >= 0 && node < units.length) {
        found = new Match(i + 1 - from, replacement(units[node] & VALUE));
        if (shortest) {
          break;
        }
      }
    }
    return found;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }

  private String replacement(int start) {
    int end = Math.min(start, replacements.length);
    int from = end;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    return new String(replacements, from, end - from, StandardCharsets.UTF_8);
  }
}
