package ocellus.models;

import java.nio.file.Path;

/** The text tower of a folder, loaded when it is first asked for. Thread-safe. */
final class LazyText implements AutoCloseable {
  private final Path directory;
  private final LoadOptions options;
  private LoadedText loaded;
  private boolean closed;

  LazyText(Path directory, LoadOptions options) {
    this.directory = directory;
    this.options = options;
  }

  /**
   * @throws IllegalStateException if it was closed
   */
  synchronized LoadedText get() {
    if (closed) {
      throw new IllegalStateException("the model has been closed");
    }
    if (loaded == null) {
      loaded = LoadedText.load(directory, options);
    }
    return loaded;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (loaded != null) {
      loaded.close();
    }
  }
}
