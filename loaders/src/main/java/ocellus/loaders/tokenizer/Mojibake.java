package ocellus.loaders.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * Undoes what reading UTF-8 as a single-byte encoding did to a text.
 *
 * <p>Source: {@code fix_encoding} of ftfy 6.3. Bytes are the characters U+0000 to U+00FF here.
 */
final class Mojibake {
  private static final int LAST_ASCII = 0x7f;
  private static final Pattern ALTERED = TextRepairData.pattern("pattern", "altered-bytes");
  private static final Pattern LOSSY = TextRepairData.pattern("pattern", "lossy-bytes");

  /** "à" as a word of its own, but not the beginning of some Portuguese ones. */
  private static final Pattern A_GRAVE = Pattern.compile("\u00c3 (?! |quele|quela|quilo|s )");

  private static final Pattern SURROGATES_AS_UTF8 =
      Pattern.compile("\u00ed[\u00a0-\u00af][\u0080-\u00bf]\u00ed[\u00b0-\u00bf][\u0080-\u00bf]");

  private static final SingleByteCharset WINDOWS_1252 =
      SingleByteCharset.named("sloppy-windows-1252");

  private static final IntPredicate CONTINUATION = members("utf8_continuation");
  private static final IntPredicate STRICT_CONTINUATION = members("utf8_continuation_strict");

  /** What begins a sequence of two, three and four characters; no character is in two of them. */
  private static final IntPredicate[] FIRST = {
    members("utf8_first_of_2"), members("utf8_first_of_3"), members("utf8_first_of_4")
  };

  private Mojibake() {}

  private static IntPredicate members(String name) {
    Pattern pattern = TextRepairData.pattern("class", name);
    boolean[] inside = new boolean[Character.MAX_VALUE + 1];
    for (int c = 0; c < inside.length; c++) {
      inside[c] = pattern.matcher(String.valueOf((char) c)).matches();
    }
    return c -> inside[c];
  }

  /** The text, decoded rightly as far as can be told. */
  static String repair(String text) {
    String now = text;
    while (true) {
      String next = step(now);
      if (next.equals(now)) {
        return next;
      }
      now = next;
    }
  }

  private static String step(String text) {
    if (isAscii(text) || !Badness.of(text)) {
      return text;
    }
    for (SingleByteCharset charset : SingleByteCharset.ALL) {
      String bytes = charset.encode(text);
      String decoded = bytes == null ? null : decode(restored(bytes, charset));
      if (decoded != null) {
        return decoded;
      }
    }
    String parts = repairParts(text);
    return parts.equals(text) ? withoutC1Controls(text) : parts;
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c <= LAST_ASCII);
  }

  /** The bytes with what was lost on the way put back, as far as it can be told. */
  private static String restored(String bytes, SingleByteCharset charset) {
    String restored = bytes;
    if (!charset.isMacRoman() && ALTERED.matcher(bytes).find()) {
      restored = A_GRAVE.matcher(restored).replaceAll("\u00c3\u00a0 ");
      restored = ALTERED.matcher(restored).replaceAll(m -> m.group().replace(' ', '\u00a0'));
    }
    if (charset.isSloppy()) {
      restored = LOSSY.matcher(restored).replaceAll("\u00ef\u00bf\u00bd"); // U+FFFD in UTF-8
    }
    return restored;
  }

  /** Bytes as UTF-8, with two of its variants where they occur; null if they are not. */
  private static String decode(String bytes) {
    String plain = bytes;
    if (bytes.indexOf(0xed) >= 0 || bytes.indexOf(0xc0) >= 0) {
      plain = SURROGATES_AS_UTF8.matcher(bytes).replaceAll(m -> joined(m.group()));
      plain = plain.replace("\u00c0\u0080", "\0");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(plain.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The UTF-8 of a character whose surrogates were encoded one by one. */
  private static String joined(String six) {
    int high = (six.charAt(1) & 0x0f) << 6 | (six.charAt(2) & 0x3f);
    int low = (six.charAt(4) & 0x0f) << 6 | (six.charAt(5) & 0x3f);
    String character = Character.toString(0x10000 + (high << 10 | low));
    byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
    return new String(utf8, StandardCharsets.ISO_8859_1);
  }

  /** Repairs the runs of characters by themselves that look like UTF-8. */
  private static String repairParts(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      boolean inGarble = at > 0 && STRICT_CONTINUATION.test(text.charAt(at - 1));
      int end = inGarble ? at : endOfRun(text, at);
      if (end == at) {
        repaired.append(text.charAt(at++));
        continue;
      }
      String run = text.substring(at, end);
      boolean bad = run.length() < text.length() && Badness.of(run);
      repaired.append(bad ? repair(run) : run);
      at = end;
    }
    return repaired.toString();
  }

  /** Where the sequences that begin at {@code start} end. */
  private static int endOfRun(String text, int start) {
    int at = start;
    while (at < text.length()) {
      int length = sequenceLength(text, at);
      if (length == 0) {
        break;
      }
      at += length;
    }
    return at;
  }

  /** The length of the sequence at a position that looks like UTF-8, or 0. */
  private static int sequenceLength(String text, int at) {
    for (int more = 1; more <= FIRST.length; more++) {
      if (FIRST[more - 1].test(text.charAt(at))) {
        for (int i = 1; i <= more; i++) {
          if (at + i >= text.length() || !CONTINUATION.test(text.charAt(at + i))) {
            return 0;
          }
        }
        return more + 1;
      }
    }
    return 0;
  }

  /** The C1 control characters as what Windows-1252 has in their places. */
  static String withoutC1Controls(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      repaired.append(c >= 0x80 && c < 0xa0 ? WINDOWS_1252.decode(c) : c);
    }
    return repaired.toString();
  }
}
