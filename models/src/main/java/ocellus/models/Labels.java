package ocellus.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import ocellus.loaders.CheckpointException;

/** The names of a model's classes. */
final class Labels {
  private static final String IMAGENET_1K = "labels/imagenet-1k.txt";
  private static final int IMAGENET_1K_SIZE = 1000;

  private Labels() {}

  /**
   * One name for each class: those of the checkpoint; if it has none and 1,000 classes, those of
   * ImageNet-1k; else {@code "class 0"} and so on.
   *
   * @param named the names in the checkpoint, empty if none
   * @param source the checkpoint, for messages
   * @throws CheckpointException if there are names, but not one for each class
   */
  static List<String> of(List<String> named, int classes, String source) {
    if (named.size() == classes) {
      return List.copyOf(named);
    }
    if (!named.isEmpty()) {
      throw new CheckpointException(
          "%s: config.json names %d classes, but the model has %d; correct or remove the names"
              .formatted(source, named.size(), classes));
    }
    return classes == IMAGENET_1K_SIZE
        ? imagenet1k()
        : IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
  }

  private static List<String> imagenet1k() {
    try (InputStream in = Labels.class.getResourceAsStream(IMAGENET_1K)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
