package ocellus.loaders.tokenizer;

import java.text.Normalizer;
import java.util.Map;
import java.util.regex.Pattern;
import ocellus.engine.OcellusException;

/**
 * Repairs text that was decoded, escaped or typeset wrongly, as {@code fix_text} of ftfy 6.3 does.
 *
 * <p>Line by line: references of HTML, text in the wrong encoding, ligatures, full and half width,
 * curly quotes, line ends, control characters, and NFC.
 */
final class TextRepair {
  /** How much text is repaired at once, in code points. */
  private static final int LONGEST_SEGMENT = 1_000_000;

  /** Each round undoes a layer of damage. */
  private static final int MOST_ROUNDS = 100;

  private static final char FIRST_WIDE = '\uff01';
  private static final char LAST_WIDE = '\uffef';
  private static final char IDEOGRAPHIC_SPACE = '\u3000';

  private static final Pattern TERMINAL_ESCAPE =
      Pattern.compile("\u001b\\[(?:\\p{Nd}|;)*+[a-zA-Z]");

  private static final Map<Character, String> LIGATURES =
      Map.ofEntries(
          Map.entry('\u0132', "IJ"),
          Map.entry('\u0133', "ij"),
          Map.entry('\u0149', "\u02bcn"),
          Map.entry('\u01f1', "DZ"),
          Map.entry('\u01f2', "Dz"),
          Map.entry('\u01f3', "dz"),
          Map.entry('\u01c4', "D\u017d"),
          Map.entry('\u01c5', "D\u017e"),
          Map.entry('\u01c6', "d\u017e"),
          Map.entry('\u01c7', "LJ"),
          Map.entry('\u01c8', "Lj"),
          Map.entry('\u01c9', "lj"),
          Map.entry('\u01ca', "NJ"),
          Map.entry('\u01cb', "Nj"),
          Map.entry('\u01cc', "nj"),
          Map.entry('\ufb00', "ff"),
          Map.entry('\ufb01', "fi"),
          Map.entry('\ufb02', "fl"),
          Map.entry('\ufb03', "ffi"),
          Map.entry('\ufb04', "ffl"),
          Map.entry('\ufb05', "\u017ft"),
          Map.entry('\ufb06', "st"));

  private TextRepair() {}

  /**
   * Repairs a text without unpaired surrogates.
   *
   * @throws OcellusException if it is escaped over and over, more than a hundred times
   */
  static String repair(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text.length());
    boolean unescapes = true;
    for (int start = 0; start < text.length(); ) {
      int lineEnd = text.indexOf('\n', start) + 1;
      int end = segmentEnd(text, start, lineEnd == 0 ? text.length() : lineEnd);
      String segment = text.substring(start, end);
      unescapes &= segment.indexOf('<') < 0; // or else this and all that follows is HTML
      repaired.append(repair(segment, unescapes));
      start = end;
    }
    return repaired.toString();
  }

  /** Whether nothing can be wrong: printable ASCII without anything escaped. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > '~' || c == '&' || (c < ' ' && c != '\t' && c != '\n' && c != '\f')) {
        return false;
      }
    }
    return true;
  }

  private static int segmentEnd(String text, int start, int end) {
    return end - start > LONGEST_SEGMENT && text.codePointCount(start, end) > LONGEST_SEGMENT
        ? text.offsetByCodePoints(start, LONGEST_SEGMENT)
        : end;
  }

  private static String repair(String segment, boolean unescapes) {
    String now = segment;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      String next = unescapes ? HtmlEntities.unescapeClear(now) : now;
      next = Mojibake.repair(next);
      next = Mojibake.withoutC1Controls(next);
      next = withPlainCharacters(next);
      next = withPlainLineEnds(next);
      next = TERMINAL_ESCAPE.matcher(next).replaceAll("");
      next = withoutControls(next);
      next = Normalizer.normalize(next, Normalizer.Form.NFC);
      if (next.equals(now)) {
        return next;
      }
      now = next;
    }
    throw new OcellusException(
        "a text has HTML references within references, more than %d deep; give it as plain text"
            .formatted(MOST_ROUNDS));
  }

  /** Without ligatures, other widths and curly quotes. */
  private static String withPlainCharacters(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      appendPlain(plain, text.charAt(i));
    }
    return plain.toString();
  }

  private static void appendPlain(StringBuilder plain, char c) {
    String ligature = LIGATURES.get(c);
    if (ligature != null) {
      for (int i = 0; i < ligature.length(); i++) {
        plain.append(straight(ligature.charAt(i)));
      }
    } else if (c >= FIRST_WIDE && c <= LAST_WIDE) {
      plain.append(Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC));
    } else {
      plain.append(c == IDEOGRAPHIC_SPACE ? ' ' : straight(c));
    }
  }

  private static char straight(char c) {
    return switch (c) {
      case '\u02bc', '\u2018', '\u2019', '\u201a', '\u201b' -> '\'';
      case '\u201c', '\u201d', '\u201e', '\u201f' -> '"';
      default -> c;
    };
  }

  private static String withPlainLineEnds(String text) {
    return text.replace("\r\n", "\n")
        .replace('\r', '\n')
        .replace('\u2028', '\n')
        .replace('\u2029', '\n')
        .replace('\u0085', '\n');
  }

  private static String withoutControls(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      if (!isRemoved(text.charAt(i))) {
        visible.append(text.charAt(i));
      }
    }
    return visible.toString();
  }

  private static boolean isRemoved(char c) {
    return c < 0x09
        || c == 0x0b
        || (c >= 0x0e && c < 0x20)
        || c == 0x7f
        || (c >= 0x206a && c <= 0x206f) // deprecated format characters
        || c == 0xfeff // the byte order mark
        || (c >= 0xfff9 && c <= 0xfffc); // annotations and object replacement
  }
}
