package ocellus.loaders.image;

import ocellus.engine.OcellusException;

/** An image that cannot be read or prepared. The message names it, what is wrong, what to do. */
public final class ImageException extends OcellusException {
  private static final long serialVersionUID = 1L;

  public ImageException(String message) {
    super(message);
  }

  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
