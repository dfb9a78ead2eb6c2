package ocellus.engine.kernels;

import ocellus.engine.OcellusException;

/** The system has no native memory for a matrix. */
public final class NativeMemoryException extends OcellusException {
  private static final long serialVersionUID = 1L;

  NativeMemoryException(long bytes, Throwable cause) {
    super(
        "the system has no %d bytes of memory for a matrix of weights; close other programs, or use"
                .formatted(bytes)
            + " a machine with more",
        cause);
  }
}
