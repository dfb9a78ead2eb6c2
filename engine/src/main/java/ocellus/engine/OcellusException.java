package ocellus.engine;

/**
 * Root of every error that Ocellus reports about its input: a file, a checkpoint, an image, an
 * argument.
 *
 * <p>The message is one line that names the thing, says what was expected and what to do. It is
 * meant to be shown to a person as it is.
 */
public class OcellusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OcellusException(String message) {
    super(message);
  }

  public OcellusException(String message, Throwable cause) {
    super(message, cause);
  }
}
