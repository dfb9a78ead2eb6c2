package ocellus.loaders.image.jpeg;

/** What is wrong with the bytes of a JPEG file, as the rest of a sentence about the file. */
public final class JpegException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean truncation;

  JpegException(String message) {
    this(message, false);
  }

  private JpegException(String message, boolean truncation) {
    super(message);
    this.truncation = truncation;
  }

  static JpegException truncated() {
    return new JpegException("it is truncated", true);
  }

  /** Whether the file is at its end too early. */
  boolean isTruncation() {
    return truncation;
  }
}
