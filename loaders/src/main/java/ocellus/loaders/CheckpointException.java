package ocellus.loaders;

import ocellus.engine.OcellusException;

/** A checkpoint folder, or one of its configuration files, is not what Ocellus can use. */
public final class CheckpointException extends OcellusException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
