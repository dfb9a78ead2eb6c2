package ocellus.loaders.tokenizer;

import java.util.HashMap;
import java.util.Map;

/** Resolves character references of HTML, in two ways. */
final class HtmlEntities {
  /** Long enough for each name. */
  private static final int LONGEST_NAME = 32;

  /** {@code &}, a name or number of this length, {@code ;} is what {@link #unescapeClear} sees. */
  private static final int LONGEST_CLEAR = 24;

  private static final int LAST_CODE_POINT = 0x10ffff;
  private static final String REPLACEMENT = "\ufffd";

  private static final Map<String, String> NAMED = TextRepairData.entities();

  /** The names that end in a semicolon, and those in capitals. */
  private static final Map<String, String> CLEAR = new HashMap<>(TextRepairData.shoutedEntities());

  private static final SingleByteCharset WINDOWS_1252 =
      SingleByteCharset.named("sloppy-windows-1252");

  static {
    NAMED.forEach(
        (name, value) -> {
          if (name.endsWith(";")) {
            CLEAR.put(name, value);
          }
        });
  }

  private HtmlEntities() {}

  /** References as a browser takes them, most of them also without their semicolon. */
  static String unescape(String text) {
    int next = text.indexOf('&');
    if (next < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    int done = 0;
    while (next >= 0) {
      int end = endOfReference(text, next + 1);
      if (end > next + 1) {
        String reference = text.substring(next + 1, end);
        plain.append(text, done, next);
        plain.append(reference.charAt(0) == '#' ? numbered(reference) : named(reference));
        done = end;
      }
      next = text.indexOf('&', Math.max(end, next + 1));
    }
    return plain.append(text, done, text.length()).toString();
  }

  /**
   * Only references that end in a semicolon.
   *
   * <p>Source: {@code unescape_html} of ftfy 6.3.
   */
  static String unescapeClear(String text) {
    int next = text.indexOf('&');
    if (next < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    int done = 0;
    while (next >= 0) {
      int end = endOfClear(text, next);
      if (end > 0) {
        plain.append(text, done, next).append(clear(text.substring(next, end)));
        done = end;
      }
      next = text.indexOf('&', Math.max(end, next + 1));
    }
    return plain.append(text, done, text.length()).toString();
  }

  /** The end of {@code &}, perhaps {@code #}, letters or digits, and {@code ;}; or 0. */
  private static int endOfClear(String text, int start) {
    int from = start + (text.startsWith("&#", start) ? 2 : 1);
    int at = from;
    while (at < text.length()
        && at - from <= LONGEST_CLEAR
        && isAsciiAlphanumeric(text.charAt(at))) {
      at++;
    }
    boolean ends = at < text.length() && text.charAt(at) == ';';
    return ends && at > from && at - from <= LONGEST_CLEAR ? at + 1 : 0;
  }

  private static String clear(String reference) {
    String known = CLEAR.get(reference.substring(1));
    if (known != null) {
      return known;
    }
    if (!reference.startsWith("&#")) {
      return reference;
    }
    String plain = unescape(reference);
    return plain.indexOf(';') >= 0 ? reference : plain;
  }

  /** The end of the reference whose ampersand is before {@code start}; {@code start} if none. */
  private static int endOfReference(String text, int start) {
    int at = start;
    if (text.startsWith("#", at)) {
      boolean hex = text.startsWith("x", at + 1) || text.startsWith("X", at + 1);
      int digits = at + (hex ? 2 : 1);
      at = digits;
      while (at < text.length() && isDigit(text.charAt(at), hex)) {
        at++;
      }
      if (at == digits) {
        return start;
      }
    } else {
      int codePoints = 0;
      while (at < text.length() && codePoints < LONGEST_NAME && isOfName(text.charAt(at))) {
        at += Character.charCount(text.codePointAt(at));
        codePoints++;
      }
      if (at == start) {
        return start;
      }
    }
    return text.startsWith(";", at) ? at + 1 : at;
  }

  private static boolean isDigit(char c, boolean hex) {
    return (c >= '0' && c <= '9') || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
  }

  private static boolean isOfName(char c) {
    return "\t\n\f <&#;".indexOf(c) < 0;
  }

  private static boolean isAsciiAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** The longest name that the reference begins with, and the rest as it is. */
  private static String named(String reference) {
    String whole = NAMED.get(reference);
    if (whole != null) {
      return whole;
    }
    for (int length = reference.length() - 1; length > 1; length--) {
      String value = NAMED.get(reference.substring(0, length));
      if (value != null) {
        return value + reference.substring(length);
      }
    }
    return "&" + reference;
  }

  private static String numbered(String reference) {
    int end = reference.length() - (reference.endsWith(";") ? 1 : 0);
    boolean hex = Character.toLowerCase(reference.charAt(1)) == 'x';
    int number = 0;
    for (int i = hex ? 2 : 1; i < end && number <= LAST_CODE_POINT; i++) {
      number = number * (hex ? 16 : 10) + Character.digit(reference.charAt(i), 16);
    }
    if (number == 0 || number > LAST_CODE_POINT || (number >= 0xd800 && number <= 0xdfff)) {
      return REPLACEMENT;
    }
    if (number >= 0x80 && number < 0xa0) {
      return String.valueOf(WINDOWS_1252.decode((char) number));
    }
    return isInvalid(number) ? "" : Character.toString(number);
  }

  /** Control characters and code points that never stand for a character. */
  private static boolean isInvalid(int number) {
    return number < 0x09
        || number == 0x0b
        || (number >= 0x0e && number < 0x20)
        || number == 0x7f
        || (number >= 0xfdd0 && number <= 0xfdef)
        || (number & 0xfffe) == 0xfffe;
  }
}
