package ocellus.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.ImageException;
import ocellus.loaders.image.ImageOptions;
import ocellus.models.ImageEmbedder;
import ocellus.models.ImageIndex;
import ocellus.models.ImageIndex.Entry;
import picocli.CommandLine.ParseResult;

/**
 * The vectors of the images directly in a folder, kept in a file that is brought up to date. What
 * cannot be kept is told on standard error and used all the same.
 */
final class FolderIndex {
  /** How long work may be that an interruption loses, unless writing is slow. */
  static final long KEEP_NANOS = 10_000_000_000L;

  /** Least time between the ends of two writes, in times that one takes. */
  private static final int WRITES_APART = 20;

  /**
   * Where the index is kept.
   *
   * @param named whether the user named the file, which then is replaced only if it is an index
   * @param nanos after which what is done is kept
   */
  record Storage(Path file, boolean named, ImageIndex.Key key, long nanos) {}

  /**
   * What there is after an update.
   *
   * @param code the exit code
   */
  record Updated(ImageIndex index, int code) {}

  private final ParseResult args;
  private final Console console;
  private final Path folder;
  private final Storage storage;
  private final SequencedMap<Entry, Path> files;

  /** Files that nothing tells from one of {@link #files}: their names cannot be decoded. */
  private final List<Path> alike = new ArrayList<>();

  private final Map<Entry, float[]> vectors = new LinkedHashMap<>();
  private final Map<Entry, String> failures = new ConcurrentHashMap<>();
  private boolean keeps = true;
  private long nextKept;

  /**
   * @throws OcellusException if there is no such folder, or no image in it
   */
  FolderIndex(ParseResult args, Console console, Path folder, Storage storage) {
    this.args = args;
    this.console = console;
    this.folder = folder;
    this.storage = storage;
    this.files = files();
  }

  /** The images of the folder in the order of their names, with their files. */
  private SequencedMap<Entry, Path> files() {
    if (!Files.isDirectory(folder)) {
      throw new OcellusException(folder + ": there is no such folder; name the one to search");
    }
    SequencedMap<Entry, Path> files = new LinkedHashMap<>();
    try {
      for (Path file : ImageSource.filesIn(folder)) {
        BasicFileAttributes a = attributes(file);
        String name = file.getFileName().toString();
        Entry entry = new Entry(name, a.size(), a.lastModifiedTime().toMillis());
        if (files.putIfAbsent(entry, file) != null) {
          alike.add(file);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new OcellusException(folder + ": cannot be read: " + e.getMessage(), e);
    }
    if (files.isEmpty()) {
      throw new OcellusException(folder + ": no images are directly in this folder");
    }
    return files;
  }

  /** Of the file, or of the link where that leads nowhere. */
  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.exists(file)
        ? Files.readAttributes(file, BasicFileAttributes.class)
        : Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Embeds what is new or has changed, and writes the index if there is a difference. An image that
   * was found to be damaged, or of no use to the model, is told of again, and read again only when
   * its file changes.
   *
   * @throws OcellusException if the model cannot be loaded, or the user named a file that is no
   *     index
   */
  Updated update() throws IOException {
    for (Path file : alike) {
      console.complain(
          file
              + ": another file looks the same by name, size and time and is searched; rename one");
    }
    Optional<ImageIndex> stored = stored();
    if (stored.isPresent() && isCurrent(stored.get())) {
      takeOverFailures(stored.get());
      return new Updated(stored.get(), code());
    }
    stored.ifPresent(this::takeOver);
    List<Entry> missing =
        files.keySet().stream()
            .filter(e -> !vectors.containsKey(e) && !failures.containsKey(e))
            .toList();
    int code = missing.isEmpty() ? code() : Math.max(code(), embed(missing));
    ImageIndex index = index();
    if (stored.isEmpty() || !listSame(index, stored.get())) {
      keep(index);
    }
    return new Updated(index, code);
  }

  private Optional<ImageIndex> stored() {
    try {
      return ImageIndex.open(storage.file, storage.key);
    } catch (OcellusException e) {
      if (storage.named) {
        throw e;
      }
      console.complain(e.getMessage() + "; the index is made anew");
      return Optional.empty();
    }
  }

  private boolean isCurrent(ImageIndex index) {
    Set<Entry> indexed = new HashSet<>(index.entries());
    indexed.addAll(index.failures().keySet());
    return indexed.equals(files.keySet());
  }

  private static boolean listSame(ImageIndex a, ImageIndex b) {
    return a.entries().equals(b.entries()) && a.failures().equals(b.failures());
  }

  /**
   * Takes what holds for the files as they are, and closes the index, so that it can be replaced.
   */
  private void takeOver(ImageIndex index) {
    try (index) {
      for (Entry entry : files.keySet()) {
        index.vector(entry).ifPresent(vector -> vectors.put(entry, vector));
      }
    }
    takeOverFailures(index);
  }

  private void takeOverFailures(ImageIndex index) {
    index
        .failures()
        .forEach(
            (entry, reason) -> {
              Path file = files.get(entry);
              if (file != null) {
                failures.put(entry, reason);
                console.complain(ImageRun.named(file.toString(), reason));
              }
            });
  }

  private int code() {
    return failures.isEmpty() && alike.isEmpty() ? ExitCode.DONE : ExitCode.SOME_FAILED;
  }

  private int embed(List<Entry> missing) throws IOException {
    Map<Path, Entry> byFile = new HashMap<>(); // names of several may look the same
    Iterator<Entry> inOrder = missing.iterator();
    List<ImageSource> sources = new ArrayList<>();
    ImageOptions options = ImageOptions.DEFAULT.withIgnoreExif(Options.ignoresExif(args));
    for (Entry entry : missing) {
      Path file = files.get(entry);
      byFile.put(file, entry);
      sources.add(ImageSource.of(file, options));
    }
    ImageRun run = new ImageRun(console, args, sources);
    nextKept = System.nanoTime() + storage.nanos;
    try (ImageEmbedder loaded =
        ImageEmbedder.load(Options.path(args, "--model"), run.modelOptions())) {
      ImageEmbedder embedder = loaded.normalized();
      return run.run(
          source -> vector(embedder, source, byFile.get(source.file().orElseThrow())),
          new ResultWriter<float[]>() {
            @Override
            public void result(String image, float[] vector) {
              vectors.put(inOrder.next(), vector);
              keepNowAndThen();
            }

            @Override
            public void failure(String image, String error) {
              inOrder.next();
              keepNowAndThen(); // it is on standard error
            }
          });
    }
  }

  private float[] vector(ImageEmbedder embedder, ImageSource source, Entry entry) {
    try {
      return embedder.embed(source.image());
    } catch (ImageException e) {
      if (lasts(e)) {
        failures.put(entry, e.getMessage());
      }
      throw e;
    }
  }

  /** Whether it fails again unless the file changes: that it could not be read may pass. */
  static boolean lasts(ImageException failure) {
    Throwable cause = failure.getCause();
    return !(cause instanceof IOException || cause instanceof OutOfMemoryError);
  }

  private void keepNowAndThen() {
    long start = System.nanoTime();
    if (keeps && start - nextKept >= 0) {
      keep(index());
      long end = System.nanoTime();
      nextKept = end + Math.max(storage.nanos, WRITES_APART * (end - start));
    }
  }

  /** What is done, in the order of the files. */
  private ImageIndex index() {
    SequencedMap<Entry, float[]> done = new LinkedHashMap<>();
    SequencedMap<Entry, String> failed = new LinkedHashMap<>();
    for (Entry entry : files.keySet()) {
      if (vectors.containsKey(entry)) {
        done.put(entry, vectors.get(entry));
      } else if (failures.containsKey(entry)) {
        failed.put(entry, failures.get(entry));
      }
    }
    return ImageIndex.of(done, failed);
  }

  private void keep(ImageIndex index) {
    if (!keeps) {
      return;
    }
    try {
      Path directory = storage.file.toAbsolutePath().getParent();
      if (!storage.named) {
        Files.createDirectories(directory);
      }
      index.write(storage.file, storage.key);
    } catch (IOException e) {
      cannotKeep(storage.file + ": its folder cannot be made: " + e);
    } catch (OcellusException e) {
      cannotKeep(e.getMessage());
    }
  }

  private void cannotKeep(String reason) {
    keeps = false;
    console.complain(reason + "; the next search of " + folder + " embeds its images again");
  }
}
