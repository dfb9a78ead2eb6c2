package ocellus.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.WarmUp;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.EncodedImage;
import ocellus.loaders.image.RgbImage;

/**
 * Says which of some descriptions a picture fits best: CLIP (Radford et al. 2021) and SigLIP (Zhai
 * et al. 2023).
 *
 * <pre>{@code
 * try (var classifier = ZeroShotClassifier.load(Path.of("clip")).withLabels("a dog", "a cat")) {
 *   List<Prediction> best = classifier.classify(Path.of("photo.jpg"), 2);
 * }
 * }</pre>
 *
 * <p>The vector of a label is the mean of those of its prompts in every template, each of length 1,
 * scaled to length 1. Labels are embedded when they are first needed, or by {@link #prepare}, and
 * kept.
 *
 * <p>Immutable and thread-safe. The result for a picture is the same to the last bit whatever the
 * number of threads, and whatever pictures are classified along with it. A classifier that is made
 * of another by a {@code with} method shares its model: closing either closes both. Once closed,
 * running calls finish and new ones throw {@link IllegalStateException}.
 */
public final class ZeroShotClassifier implements AutoCloseable {
  /** In a template, where the prompt goes. */
  public static final String PLACEHOLDER = "{}";

  /** What becomes of logits. */
  public enum Scoring {
    /** One label fits: the scores of all add up to 1. */
    SOFTMAX,
    /** Each label fits or not, whatever the others are. */
    SIGMOID
  }

  /** What the classifiers of one checkpoint share. */
  private record Towers(
      LoadedModel images, ImageInput input, LazyText texts, Similarity similarity, String model) {}

  private final Towers towers;
  private final List<Label> labels;
  private final List<String> templates;
  private final Ranking ranking;

  /** Guarded by this until it is there. */
  private volatile LabelMatrix matrix;

  private ZeroShotClassifier(
      Towers towers,
      List<Label> labels,
      List<String> templates,
      Ranking ranking,
      LabelMatrix matrix) {
    this.towers = towers;
    this.labels = labels;
    this.templates = templates;
    this.ranking = ranking;
    this.matrix = matrix;
  }

  /** As {@link #load(Path, LoadOptions)}, with {@link LoadOptions#defaults()}. */
  public static ZeroShotClassifier load(Path directory) {
    return load(directory, LoadOptions.defaults());
  }

  /** As {@link #load(Path, LoadOptions, LoadOptions)}, with the same options for both towers. */
  public static ZeroShotClassifier load(Path directory, LoadOptions options) {
    return load(directory, options, options);
  }

  /**
   * Loads the checkpoint in a folder, as transformers or open_clip saves it. The text tower is
   * loaded when labels are embedded. There are no labels yet, and one template, the prompt itself.
   *
   * @param options for the image tower
   * @param textOptions for the text tower
   * @throws OcellusException if there is none, it is damaged, its architecture is not supported, it
   *     has not two towers, or it does not say how images are to be prepared
   */
  public static ZeroShotClassifier load(
      Path directory, LoadOptions options, LoadOptions textOptions) {
    WarmUp.start();
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      Similarity similarity = Similarity.of(checkpoint);
      LoadedModel images = LoadedModel.load(checkpoint, options);
      try {
        Towers towers =
            new Towers(
                images,
                new ImageInput(images),
                new LazyText(directory, textOptions),
                similarity,
                Fingerprint.of(checkpoint.weights()));
        return new ZeroShotClassifier(
            towers, List.of(), List.of(PLACEHOLDER), similarity.ranking(), null);
      } catch (Throwable e) {
        images.close();
        throw e;
      }
    }
  }

  /** What the checkpoint says about itself. */
  public ModelInfo info() {
    return towers.images.info();
  }

  /** A classifier for these labels, each described by its name. */
  public ZeroShotClassifier withLabels(String... names) {
    return withLabels(Arrays.stream(names).map(Label::of).toList());
  }

  /**
   * A classifier for these labels.
   *
   * @throws OcellusException if there are none
   */
  public ZeroShotClassifier withLabels(List<Label> labels) {
    if (labels.isEmpty()) {
      throw new OcellusException("there are no labels; name at least one");
    }
    return new ZeroShotClassifier(towers, List.copyOf(labels), templates, ranking, null);
  }

  /**
   * A classifier for labels that were embedded before, which needs no text tower.
   *
   * @throws OcellusException if they were embedded with another checkpoint
   */
  public ZeroShotClassifier withLabels(LabelMatrix prepared) {
    if (!prepared.isOf(towers.model)
        || prepared.dimension() != towers.images.network().embeddingCount()) {
      throw new OcellusException(
          "%s: the labels were embedded with another checkpoint; embed them anew with this one"
              .formatted(info().name()));
    }
    List<Label> names = prepared.labels().stream().map(Label::of).toList();
    return new ZeroShotClassifier(towers, names, templates, ranking, prepared);
  }

  /** As {@link #withTemplates(List)}. */
  public ZeroShotClassifier withTemplates(String... templates) {
    return withTemplates(List.of(templates));
  }

  /**
   * A classifier that puts every prompt into each of these templates at their {@value
   * #PLACEHOLDER}, as in {@code "a photo of a {}."}.
   *
   * @throws OcellusException if there are none, or one has no place for the prompt
   */
  public ZeroShotClassifier withTemplates(List<String> templates) {
    if (templates.isEmpty()) {
      throw new OcellusException("there are no templates; give at least one, as in 'a {}'");
    }
    for (String template : templates) {
      if (!template.contains(PLACEHOLDER)) {
        throw new OcellusException(
            "template '%s' has no {} where the label goes; write it as in 'a photo of a {}.'"
                .formatted(template));
      }
    }
    return new ZeroShotClassifier(towers, labels, List.copyOf(templates), ranking, null);
  }

  /** A classifier with this scoring; unless told, softmax for CLIP and sigmoid for SigLIP. */
  public ZeroShotClassifier withScoring(Scoring scoring) {
    Ranking chosen =
        switch (scoring) {
          case SOFTMAX -> Ranking.SINGLE_LABEL;
          case SIGMOID -> Ranking.MULTI_LABEL;
        };
    return new ZeroShotClassifier(towers, labels, templates, chosen, matrix);
  }

  /** The names of the labels, in the order of their indices. */
  public List<String> labels() {
    return labels.stream().map(Label::name).toList();
  }

  /** The number of texts that {@link #prepare} embeds. */
  public int promptCount() {
    long prompts = labels.stream().mapToLong(label -> label.prompts().size()).sum();
    return Math.toIntExact(Math.multiplyExact(prompts, templates.size()));
  }

  /** As {@link #prepare(IntConsumer)}, without reports. */
  public LabelMatrix prepare() {
    return prepare(_ -> {});
  }

  /**
   * Embeds the labels, unless that is done.
   *
   * @param progress told now and then how many of the {@link #promptCount} texts are embedded
   * @throws OcellusException if there are no labels, or the checkpoint has no text tower or no
   *     tokenizer
   */
  public LabelMatrix prepare(IntConsumer progress) {
    LabelMatrix ready = matrix;
    if (ready != null) {
      return ready;
    }
    if (labels.isEmpty()) {
      throw new OcellusException("there are no labels to tell apart; name some first");
    }
    synchronized (this) {
      if (matrix == null) {
        matrix = embedLabels(progress);
      }
      return matrix;
    }
  }

  private LabelMatrix embedLabels(IntConsumer progress) {
    LoadedText texts = towers.texts.get();
    int dim = texts.dimension();
    if (dim != towers.images.network().embeddingCount()) {
      throw new CheckpointException(
          "%s: texts become vectors of %d, images of %d; correct the configuration"
              .formatted(info().name(), dim, towers.images.network().embeddingCount()));
    }
    Tensor rows = Tensor.zeros(labels.size(), dim);
    int done = 0;
    for (int i = 0; i < labels.size(); ) {
      int end = i;
      List<String> prompts = new ArrayList<>();
      while (end < labels.size() && prompts.size() < LoadedText.TEXTS_AT_ONCE) {
        prompts.addAll(prompts(labels.get(end++)));
      }
      List<float[]> vectors = texts.features(prompts);
      int next = 0;
      for (; i < end; i++) {
        int count = labels.get(i).prompts().size() * templates.size();
        float[] mean = mean(vectors.subList(next, next + count));
        System.arraycopy(mean, 0, rows.data(), rows.offset() + i * dim, dim);
        next += count;
      }
      done += prompts.size();
      progress.accept(done);
    }
    return new LabelMatrix(labels(), rows, towers.model);
  }

  /** All texts of a label. */
  private List<String> prompts(Label label) {
    List<String> texts = new ArrayList<>();
    for (String prompt : label.prompts()) {
      for (String template : templates) {
        texts.add(template.replace(PLACEHOLDER, prompt));
      }
    }
    return texts;
  }

  /** The mean direction, of length 1. */
  private static float[] mean(List<float[]> vectors) {
    double[] sum = new double[vectors.getFirst().length];
    for (float[] vector : vectors) {
      double norm = UnitLength.norm(vector);
      for (int c = 0; c < sum.length; c++) {
        sum[c] += vector[c] / norm;
      }
    }
    float[] mean = new float[sum.length];
    for (int c = 0; c < sum.length; c++) {
      mean[c] = (float) (sum[c] / vectors.size());
    }
    UnitLength.normalize(mean);
    return mean;
  }

  /**
   * Classifies a picture in a file, upright as its EXIF orientation says.
   *
   * @param top how many labels to return, at most all
   * @return the best labels, best first
   * @throws OcellusException if the file cannot be read as a picture, or as {@link #prepare}
   * @throws IllegalArgumentException if {@code top} is not positive
   */
  public List<Prediction> classify(Path file, int top) {
    return classify(EncodedImage.of(file), top);
  }

  /** As {@link #classify(Path, int)}, of a picture that is read and decoded now. */
  public List<Prediction> classify(EncodedImage image, int top) {
    return ranked(List.of(image), towers.input::tensor, top).getFirst();
  }

  /** As {@link #classify(Path, int)}, of pixels. */
  public List<Prediction> classify(RgbImage image, int top) {
    return classify(List.of(image), top).getFirst();
  }

  /** As {@link #classify(Path, int)}, of several pictures at once. */
  public List<List<Prediction>> classify(List<RgbImage> images, int top) {
    return ranked(images, towers.input::tensor, top);
  }

  /**
   * Classifies pictures in files, as {@link #classify(Path, int)}. Each thread decodes a picture
   * and computes with it before it turns to the next.
   *
   * @return for each file the best labels, best first
   * @throws OcellusException if a file cannot be read as a picture: of none there is a result then
   */
  public List<List<Prediction>> classifyFiles(List<Path> files, int top) {
    return ranked(files.stream().map(EncodedImage::of).toList(), towers.input::tensor, top);
  }

  private <T> List<List<Prediction>> ranked(List<T> images, LoadedModel.Input<T> input, int top) {
    if (top < 1) {
      throw new IllegalArgumentException("top must be at least 1, not " + top);
    }
    List<String> names = labels();
    return logits(images, input).stream().map(l -> ranking.rank(l, names, top)).toList();
  }

  /** How well each label fits each picture, {@code [labels]}, before softmax or sigmoid. */
  public List<float[]> logits(List<RgbImage> images) {
    return logits(images, towers.input::tensor);
  }

  private <T> List<float[]> logits(List<T> images, LoadedModel.Input<T> input) {
    LabelMatrix ready = prepare();
    LoadedModel model = towers.images;
    return model.features(images, input).stream()
        .map(features -> logits(ready, model.network().embedding(features)))
        .toList();
  }

  private float[] logits(LabelMatrix ready, float[] image) {
    double norm = UnitLength.norm(image);
    float[] logits = ready.products(image);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = towers.similarity.logit(logits[i] / norm);
    }
    return logits;
  }

  /** Frees the weights as soon as no call is running. May be called more than once. */
  @Override
  public void close() {
    towers.images.close();
    towers.texts.close();
  }
}
