package ocellus.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import ocellus.engine.kernels.WeightFormat;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.image.Crop;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Resize;
import ocellus.loaders.image.Size;
import ocellus.loaders.safetensors.DType;
import ocellus.loaders.safetensors.TensorInfo;
import ocellus.models.ImageModel;
import ocellus.models.ModelInfo;
import ocellus.models.ModelOutline;

/** What {@code ocellus inspect} tells of a checkpoint. */
final class ModelReport {
  private static final int LABELS_SHOWN = 5;

  private final String model;
  private final Checkpoint checkpoint;
  private final ModelInfo info;
  private final boolean listsTensors;

  // Null where the network cannot be built.
  private ModelOutline outline;
  private ImageModel network;
  private Map<WeightFormat, Long> weightBytes;

  /**
   * @param model what the user called it
   */
  ModelReport(String model, Checkpoint checkpoint, boolean listsTensors) {
    this.model = model;
    this.checkpoint = checkpoint;
    this.info = ModelInfo.of(checkpoint);
    this.listsTensors = listsTensors;
  }

  /** Adds what only the network itself knows. */
  void addNetwork(ModelOutline network) {
    this.outline = network;
    this.network = network.network();
    this.weightBytes = new TreeMap<>(network.weightBytes());
  }

  String json() {
    Json json = new Json().beginObject();
    json.key("model").value(model).key("library").value(info.library());
    json.key("architecture").value(info.architecture());
    json.key("parameters").value(info.parameters());
    json.key("dtypes").beginObject();
    info.elementsByType().forEach((type, n) -> json.key(type.name()).value(n));
    json.endObject();
    if (network != null) {
      json.key("family").value(info.family()).key("input").beginObject();
      Size size = inputSize();
      json.key("height").value(size.height()).key("width").value(size.width());
      json.key("channels").value(network.inputChannels()).endObject();
      json.key("features").value(network.embeddingCount());
      json.key("classes").value(network.classCount());
      json.key("weight_bytes").beginObject();
      weightBytes.forEach((format, bytes) -> json.key(format.name()).value(bytes));
      json.endObject();
      addMemory(json);
    }
    json.key("preprocessing");
    try {
      addPreprocessing(checkpoint.preprocessing(), json);
    } catch (CheckpointException e) {
      json.nullValue();
    }
    json.key("labels").beginArray();
    info.labels().forEach(json::value);
    json.endArray().key("license");
    info.license().ifPresentOrElse(json::value, json::nullValue);
    if (listsTensors) {
      addTensors(json);
    }
    return json.endObject().toString();
  }

  private void addMemory(Json json) {
    json.key("memory").beginObject().key("weights").beginObject();
    for (WeightFormat format : WeightFormat.values()) {
      json.key(format.name()).value(outline.weightBytesAs(format));
    }
    json.endObject().key("activations");
    try {
      json.value(outline.activationBytes());
    } catch (CheckpointException e) {
      json.nullValue();
    }
    json.endObject();
  }

  private static void addPreprocessing(Preprocessing p, Json json) {
    json.beginObject().key("resize").value(describe(p.resize()));
    json.key("filter").value(p.filter().toString()).key("crop").value(describe(p.crop()));
    json.key("rescale").value(p.rescale()).key("offset").value(p.offset());
    json.key("mean").beginArray();
    p.mean().forEach(json::value);
    json.endArray().key("std").beginArray();
    p.std().forEach(json::value);
    json.endArray().key("divisor").beginArray();
    p.divisor().forEach(json::value);
    json.endArray().endObject();
  }

  private void addTensors(Json json) {
    json.key("tensors").beginArray();
    for (TensorInfo tensor : checkpoint.weights().tensors()) {
      json.beginObject().key("name").value(tensor.name());
      json.key("dtype").value(tensor.dtype().name()).key("shape").beginArray();
      for (long extent : tensor.shape().toArray()) {
        json.value(extent);
      }
      json.endArray().endObject();
    }
    json.endArray();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "model", model);
    line(text, "architecture", info.architecture() + ", as " + info.library() + " saves it");
    if (network != null) {
      line(text, "family", info.family());
    }
    line(text, "parameters", "%,d".formatted(info.parameters()));
    line(text, "stored as", types(info.elementsByType()));
    if (network != null) {
      line(text, "in memory", megabytes(weightBytes) + inOneFormat());
      line(text, "activations", activations());
      Size size = inputSize();
      line(
          text,
          "input",
          "%d x %d pixels%s, %d channels"
              .formatted(
                  size.height(),
                  size.width(),
                  isOfOneSize() ? "" : ", or as many at another aspect ratio",
                  network.inputChannels()));
      line(text, "features", Integer.toString(network.embeddingCount()));
      line(text, "classes", Integer.toString(network.classCount()));
    }
    line(text, "preprocessing", preprocessing());
    line(text, "labels", labels(info.labels()));
    line(text, "licence", info.license().orElse("not stated"));
    if (listsTensors) {
      for (TensorInfo tensor : checkpoint.weights().tensors()) {
        line(text, tensor.dtype().name(), tensor.name() + " " + tensor.shape());
      }
    }
    return text.substring(0, text.length() - 1);
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("%-14s %s%n".formatted(key, value));
  }

  /** Of the images that the network is configured for, or whose pixels are as many as it gets. */
  private Size inputSize() {
    return isOfOneSize()
        ? new Size(network.inputHeight(), network.inputWidth())
        : outline.inputSize();
  }

  private boolean isOfOneSize() {
    try {
      return checkpoint.preprocessing().isOfOneSize();
    } catch (CheckpointException e) {
      return true; // preprocessing() says what is wrong
    }
  }

  private String preprocessing() {
    try {
      Preprocessing p = checkpoint.preprocessing();
      return "%s (%s), %s, mean %s, std %s"
          .formatted(describe(p.resize()), p.filter(), describe(p.crop()), p.mean(), p.std());
    } catch (CheckpointException e) {
      return "unknown: " + e.getMessage();
    }
  }

  private static String types(Map<DType, Long> elements) {
    return elements.entrySet().stream()
        .map(e -> "%s (%,d elements)".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String megabytes(Map<WeightFormat, Long> bytes) {
    return bytes.entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%s (%.1f MB)", e.getKey().name(), e.getValue() / 1e6))
        .collect(Collectors.joining(", "));
  }

  /** What the weights would take with each choice of {@code --weights}. */
  private String inOneFormat() {
    return String.format(
        Locale.ROOT,
        "; all as f32 %.1f MB, as f16 or bf16 %.1f MB",
        outline.weightBytesAs(WeightFormat.F32) / 1e6,
        outline.weightBytesAs(WeightFormat.BF16) / 1e6);
  }

  private String activations() {
    try {
      return String.format(
          Locale.ROOT,
          "%.1f MB of Java's heap for each image of %s pixels that is computed at the same time",
          outline.activationBytes() / 1e6,
          outline.inputSize());
    } catch (CheckpointException e) {
      return "unknown: " + e.getMessage();
    }
  }

  private static String labels(List<String> labels) {
    if (labels.isEmpty()) {
      return "none in the checkpoint";
    }
    String first = labels.stream().limit(LABELS_SHOWN).collect(Collectors.joining(", "));
    return labels.size() > LABELS_SHOWN ? first + ", ..." : first;
  }

  private static String describe(Resize resize) {
    return switch (resize) {
      case Resize.None _ -> "no resizing";
      case Resize.Exact r -> "resize to " + r.height() + " x " + r.width();
      case Resize.ShortestEdge r -> "resize the shorter edge to " + r.edge();
      case Resize.EdgeRange r ->
          "resize the shorter edge to " + r.shortest() + ", the longer to at most " + r.longest();
      case Resize.PatchBudget r ->
          "resize to at most %d patches of %d x %d".formatted(r.most(), r.patch(), r.patch());
      case Resize.Within r -> "resize to fit into " + r.height() + " x " + r.width();
      case Resize.KeepRatio r ->
          "resize to %s %d x %d"
              .formatted(r.inside() ? "fit into" : "cover", r.height(), r.width());
    };
  }

  private static String describe(Crop crop) {
    return switch (crop) {
      case Crop.None _ -> "no cropping";
      case Crop.Center c -> "crop the centre " + c.height() + " x " + c.width();
    };
  }
}
