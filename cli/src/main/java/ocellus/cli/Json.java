package ocellus.cli;

/** Writes one JSON value on one line, piece by piece; commas come by themselves. */
final class Json {
  private final StringBuilder text = new StringBuilder();
  private boolean first = true;

  Json beginObject() {
    return open('{');
  }

  Json endObject() {
    return close('}');
  }

  Json beginArray() {
    return open('[');
  }

  Json endArray() {
    return close(']');
  }

  /** The key of the value that follows. */
  Json key(String key) {
    value(key);
    text.append(": ");
    first = true;
    return this;
  }

  Json value(String value) {
    separate();
    quote(value);
    return this;
  }

  Json value(long value) {
    separate();
    text.append(value);
    return this;
  }

  Json value(boolean value) {
    separate();
    text.append(value);
    return this;
  }

  /** A finite number, with as many digits as it takes to read the same {@code float} back. */
  Json value(float value) {
    separate();
    text.append(requireFinite(value, Float.toString(value)));
    return this;
  }

  /** A finite number, with as many digits as it takes to read the same {@code double} back. */
  Json value(double value) {
    separate();
    text.append(requireFinite(value, Double.toString(value)));
    return this;
  }

  Json nullValue() {
    separate();
    text.append("null");
    return this;
  }

  private static String requireFinite(double value, String digits) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number " + digits);
    }
    return digits;
  }

  private Json open(char bracket) {
    separate();
    text.append(bracket);
    first = true;
    return this;
  }

  private Json close(char bracket) {
    text.append(bracket);
    first = false;
    return this;
  }

  private void separate() {
    if (!first) {
      text.append(", ");
    }
    first = false;
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (c < ' ' || (Character.isSurrogate(c) && !paired(value, i))) {
            text.append("\\u%04x".formatted((int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  /** Whether the surrogate at {@code i} has its other half beside it. */
  private static boolean paired(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }

  /** The text so far. */
  @Override
  public String toString() {
    return text.toString();
  }
}
