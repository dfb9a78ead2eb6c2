package ocellus.models;

import java.nio.file.Path;
import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.RgbImage;

/**
 * Maps a picture to a vector, such that similar pictures are near each other: what the model's head
 * sees, or the mean of what several heads see; with CLIP and SigLIP, in the space of the texts'
 * that {@link TextEmbedder} gives.
 *
 * <p>Immutable and thread-safe. The result for a picture is the same to the last bit whatever the
 * number of threads, and whatever pictures are embedded along with it. Once closed, running calls
 * finish and new ones throw {@link IllegalStateException}.
 */
public final class ImageEmbedder implements AutoCloseable {
  private final LoadedModel model;
  private final ImageInput input;
  private final boolean unitLength;

  private ImageEmbedder(LoadedModel model, ImageInput input, boolean unitLength) {
    this.model = model;
    this.input = input;
    this.unitLength = unitLength;
  }

  /** As {@link #load(Path, LoadOptions)}, with {@link LoadOptions#defaults()}. */
  public static ImageEmbedder load(Path directory) {
    return load(directory, LoadOptions.defaults());
  }

  /**
   * Loads the checkpoint in a folder, as timm, transformers or open_clip saves it.
   *
   * @throws OcellusException if there is none, it is damaged, its architecture is not supported, or
   *     it does not say how images are to be prepared
   */
  public static ImageEmbedder load(Path directory, LoadOptions options) {
    LoadedModel model = LoadedModel.load(directory, options);
    try {
      return new ImageEmbedder(model, new ImageInput(model), false);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /**
   * An embedder whose vectors have length 1, so that their dot product is the cosine of the angle
   * between them. It shares this one's model: closing either closes both.
   */
  public ImageEmbedder normalized() {
    return new ImageEmbedder(model, input, true);
  }

  /** What the checkpoint says about itself. */
  public ModelInfo info() {
    return model.info();
  }

  /** The length of the vectors. */
  public int dimension() {
    return model.network().embeddingCount();
  }

  /**
   * Embeds a picture in a file, upright as its EXIF orientation says.
   *
   * @return {@code [dimension]}
   * @throws OcellusException if the file cannot be read as a picture
   */
  public float[] embed(Path file) {
    return embed(EncodedImage.of(file));
  }

  /** As {@link #embed(Path)}, of a picture that is read and decoded now. */
  public float[] embed(EncodedImage image) {
    return vectors(model.features(List.of(image), input::tensor)).getFirst();
  }

  /**
   * Embeds a picture.
   *
   * @return {@code [dimension]}
   */
  public float[] embed(RgbImage image) {
    return embed(List.of(image)).getFirst();
  }

  /**
   * Embeds pictures, several at once.
   *
   * @return {@code [dimension]} for each
   */
  public List<float[]> embed(List<RgbImage> images) {
    return vectors(model.features(images, input::tensor));
  }

  /**
   * Embeds pictures in files. Each thread decodes a picture and computes with it before it turns to
   * the next, so that decoding goes on beside the network and few pictures are in memory.
   *
   * @return {@code [dimension]} for each
   * @throws OcellusException if a file cannot be read as a picture: of none there is a result then
   */
  public List<float[]> embedFiles(List<Path> files) {
    List<EncodedImage> images = files.stream().map(EncodedImage::of).toList();
    return vectors(model.features(images, input::tensor));
  }

  private List<float[]> vectors(List<float[]> features) {
    List<float[]> vectors = features.stream().map(model.network()::embedding).toList();
    if (unitLength) {
      vectors.forEach(UnitLength::normalize);
    }
    return vectors;
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    model.close();
  }
}
