package ocellus.loaders.image;

/**
 * What is wrong with the bytes of an image. It never leaves this package: {@link Images} adds the
 * name of the file and what to do.
 */
final class MalformedImageException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedImageException(String message) {
    super(message);
  }

  MalformedImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
