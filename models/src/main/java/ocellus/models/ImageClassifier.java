package ocellus.models;

import java.nio.file.Path;
import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.RgbImage;

/**
 * Says what a picture shows, with the classes that a checkpoint was trained on.
 *
 * <pre>{@code
 * try (var classifier = ImageClassifier.load(Path.of("convnext_tiny"))) {
 *   List<Prediction> top = classifier.classify(Path.of("photo.jpg"), 5);
 * }
 * }</pre>
 *
 * <p>Immutable and thread-safe. The result for a picture is the same to the last bit whatever the
 * number of threads, and whatever pictures are classified along with it. Once closed, running calls
 * finish and new ones throw {@link IllegalStateException}.
 */
public final class ImageClassifier implements AutoCloseable {
  private final LoadedModel model;
  private final ImageInput input;
  private final List<String> labels;
  private final Ranking ranking;

  private ImageClassifier(LoadedModel model) {
    if (model.network().classCount() == 0) {
      throw new CheckpointException(
          "%s: the model has no classification head; it can %s"
              .formatted(
                  model.info().name(),
                  model.info().hasTexts()
                      ? "tell apart what you describe in words: ocellus zero-shot"
                      : "embed images only"));
    }
    this.model = model;
    this.input = new ImageInput(model);
    this.labels =
        Labels.of(model.info().labels(), model.network().classCount(), model.info().name());
    this.ranking = Ranking.of(model.info().config(), labels.size());
  }

  /** As {@link #load(Path, LoadOptions)}, with {@link LoadOptions#defaults()}. */
  public static ImageClassifier load(Path directory) {
    return load(directory, LoadOptions.defaults());
  }

  /**
   * Loads the checkpoint in a folder, as timm or transformers saves it.
   *
   * @throws OcellusException if there is none, it is damaged, its architecture is not supported, it
   *     has no classification head, or it does not say how images are to be prepared
   */
  public static ImageClassifier load(Path directory, LoadOptions options) {
    return of(LoadedModel.load(directory, options));
  }

  /** As {@link #builtIn(LoadOptions)}, with {@link LoadOptions#defaults()}. */
  public static ImageClassifier builtIn() {
    return builtIn(LoadOptions.defaults());
  }

  /** The model that ships with Ocellus: ten kinds of clothing, after Fashion-MNIST. */
  public static ImageClassifier builtIn(LoadOptions options) {
    return of(LoadedModel.builtIn(options));
  }

  private static ImageClassifier of(LoadedModel model) {
    try {
      return new ImageClassifier(model);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /** What the checkpoint says about itself. */
  public ModelInfo info() {
    return model.info();
  }

  /** The name of each class, in the order of their indices. */
  public List<String> labels() {
    return labels;
  }

  /**
   * Classifies a picture in a file, upright as its EXIF orientation says.
   *
   * @param top how many classes to return, at most all
   * @return the best classes, best first
   * @throws OcellusException if the file cannot be read as a picture
   * @throws IllegalArgumentException if {@code top} is not positive
   */
  public List<Prediction> classify(Path file, int top) {
    return classify(EncodedImage.of(file), top);
  }

  /** As {@link #classify(Path, int)}, of a picture that is read and decoded now. */
  public List<Prediction> classify(EncodedImage image, int top) {
    requirePositive(top);
    return ranked(model.logits(List.of(image), input::tensor), top).getFirst();
  }

  /**
   * Classifies a picture.
   *
   * @param top how many classes to return, at most all
   * @return the best classes, best first
   * @throws IllegalArgumentException if {@code top} is not positive
   */
  public List<Prediction> classify(RgbImage image, int top) {
    return classify(List.of(image), top).getFirst();
  }

  /**
   * Classifies pictures, several at once.
   *
   * @param top how many classes to return for each, at most all
   * @return for each picture the best classes, best first
   * @throws IllegalArgumentException if {@code top} is not positive
   */
  public List<List<Prediction>> classify(List<RgbImage> images, int top) {
    requirePositive(top);
    return ranked(logits(images), top);
  }

  private static void requirePositive(int top) {
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1, not " + top);
    }
  }

  private List<List<Prediction>> ranked(List<float[]> logits, int top) {
    return logits.stream().map(l -> ranking.rank(l, labels, top)).toList();
  }

  /**
   * Classifies pictures in files. Each thread decodes a picture and computes with it before it
   * turns to the next, so that decoding goes on beside the network and few pictures are in memory.
   *
   * @param top how many classes to return for each, at most all
   * @return for each file the best classes, best first
   * @throws OcellusException if a file cannot be read as a picture: of none there is a result then
   * @throws IllegalArgumentException if {@code top} is not positive
   */
  public List<List<Prediction>> classifyFiles(List<Path> files, int top) {
    requirePositive(top);
    List<EncodedImage> images = files.stream().map(EncodedImage::of).toList();
    return ranked(model.logits(images, input::tensor), top);
  }

  /** What the network says of each class, {@code [labels]}, before softmax or sigmoid. */
  public float[] logits(RgbImage image) {
    return logits(List.of(image)).getFirst();
  }

  /** What the network says of each class, {@code [labels]} for each picture. */
  public List<float[]> logits(List<RgbImage> images) {
    return model.logits(images, input::tensor);
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    model.close();
  }
}
