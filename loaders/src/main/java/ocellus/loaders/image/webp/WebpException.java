package ocellus.loaders.image.webp;

/** What is wrong with the bytes of a WebP file, as the rest of a sentence about the file. */
public final class WebpException extends Exception {
  private static final long serialVersionUID = 1L;

  WebpException(String message) {
    super(message);
  }

  static WebpException truncated() {
    return new WebpException("it is truncated");
  }
}
