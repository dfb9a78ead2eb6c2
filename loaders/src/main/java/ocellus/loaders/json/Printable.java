package ocellus.loaders.json;

/** Text out of a file, made fit for a one-line message. */
public final class Printable {
  private static final int LONGEST = 120;

  private Printable() {}

  /** {@code text} without control characters, cut where it is long. */
  public static String clip(String text) {
    boolean cut = text.length() > LONGEST;
    var line = new StringBuilder(LONGEST + 3);
    text.codePoints()
        .limit(cut ? LONGEST : text.length())
        .map(
            c ->
                Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR
                    ? ' '
                    : c)
        .forEach(line::appendCodePoint);
    return cut ? line.append("...").toString() : line.toString();
  }
}
