package ocellus.loaders.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.image.Crop;
import ocellus.loaders.image.Crop.Rounding;
import ocellus.loaders.image.Filter;
import ocellus.loaders.image.Preprocessing;
import ocellus.loaders.image.Preprocessing.Pixels;
import ocellus.loaders.image.Resize;
import ocellus.loaders.image.RgbImage;
import ocellus.loaders.json.JsonObject;

/**
 * The preprocessing of a transformers image processor: the defaults of its class, overridden by
 * {@code preprocessor_config.json}, on the Pillow backend.
 *
 * <p>Resize and crop, in the notation of the file: {@code size} is a pair of {@code height} and
 * {@code width}, of {@code max_height} and {@code max_width}, a {@code shortest_edge} with or
 * without {@code longest_edge}, or, in older files, an integer or a list; {@code crop_size} comes
 * down to {@code height} and {@code width}. SigLIP 2's class has {@code patch_size} and {@code
 * max_num_patches} instead.
 */
final class TransformersPreprocessing {
  static final String FILE = "preprocessor_config.json";

  private static final String CONVNEXT = "ConvNextImageProcessor";

  /** The only class that rescales before it resizes, and so does not round pixels. */
  private static final String DINOV3 = "DINOv3ViTImageProcessor";

  /** The only class whose images keep their aspect ratio; it never crops. */
  private static final String SIGLIP2 = "Siglip2ImageProcessor";

  /** Rows and columns of the patches of a SigLIP 2 whose configuration does not say. */
  private static final int SIGLIP2_PATCH = 16;

  /** From this size on, ConvNext's processor squashes instead of cropping. */
  private static final int CONVNEXT_SQUASHED = 384;

  private static final JsonObject PROCESSORS = processors();

  private final String type;
  private final JsonObject file;
  private final JsonObject defaults;

  private TransformersPreprocessing(String type, JsonObject file, JsonObject defaults) {
    this.type = type;
    this.file = file;
    this.defaults = defaults;
  }

  /** Written by src/reference/image_processors.py. */
  private static JsonObject processors() {
    String name = "image-processors.json";
    try (InputStream in = TransformersPreprocessing.class.getResourceAsStream(name)) {
      return JsonObject.parse(name, in.readAllBytes()).object("processors");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param file the contents of {@code preprocessor_config.json}
   * @throws CheckpointException if the class is unknown or a value is unusable
   */
  static Preprocessing of(TransformersConfig config, JsonObject file) {
    String type = type(config, file);
    var processor = new TransformersPreprocessing(type, file, PROCESSORS.object(type));
    if (type.equals(SIGLIP2) && config.modelType().startsWith("siglip2")) {
      processor.requirePatchesOf(config.root());
    }
    return processor.preprocessing();
  }

  /** The class of the processor, by the name it has today. */
  private static String type(TransformersConfig config, JsonObject file) {
    String named = file.string("image_processor_type", file.string("feature_extractor_type", null));
    if (named == null) {
      return PROCESSORS.keys().stream()
          .filter(t -> PROCESSORS.object(t).strings("model_types").contains(config.modelType()))
          .findFirst()
          .orElseThrow(
              () ->
                  new CheckpointException(
                      "%s is missing, and models of type %s have no processor of their own; add the"
                              .formatted(file.where("image_processor_type"), config.modelType())
                          + " class the model was made with, one of "
                          + known()));
    }
    // Older names: the class was a feature extractor, or there was one for each backend.
    String type =
        named.replaceFirst("FeatureExtractor$", "ImageProcessor").replaceFirst("(Fast|Pil)$", "");
    if (!PROCESSORS.has(type)) {
      throw new CheckpointException(
          "%s is %s, expected one of %s"
              .formatted(file.where("image_processor_type"), named, known()));
    }
    return type;
  }

  private static String known() {
    return String.join(", ", PROCESSORS.keys());
  }

  /**
   * Where {@code key} is looked up: the defaults of the class, unless it is in the file, be it as
   * null, which switches a step off or takes its value away.
   */
  private JsonObject having(String key) {
    return defaults.has(key) && !file.keys().contains(key) ? defaults : file;
  }

  private boolean on(String key) {
    return having(key).bool(key, false);
  }

  private Preprocessing preprocessing() {
    for (String step : List.of("do_pad", "use_square_size")) {
      if (on(step)) {
        throw new CheckpointException(file.where(step) + " is true, which is not supported");
      }
    }
    try {
      return new Preprocessing(
          resize(),
          on("do_resize") ? filter() : Filter.NEAREST,
          crop(),
          on("do_rescale") ? having("rescale_factor").number("rescale_factor") : 1,
          on("do_rescale") && on("rescale_offset") ? -1 : 0,
          on("do_normalize") ? channels("image_mean") : all(0),
          on("do_normalize") ? channels("image_std") : all(1),
          on("include_top") ? channels("image_std") : all(1),
          type.equals(DINOV3) ? Pixels.FLOATS : Pixels.BYTES);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          file.source() + ": unusable preprocessing: " + e.getMessage(), e);
    }
  }

  private Resize resize() {
    if (!on("do_resize")) {
      return new Resize.None();
    }
    if (type.equals(CONVNEXT)) {
      return convNextResize(convNextEdge());
    }
    if (type.equals(SIGLIP2)) {
      return new Resize.PatchBudget(
          having("patch_size").integer("patch_size"),
          having("max_num_patches").integer("max_num_patches"));
    }
    Map<String, Integer> size = size("size", on("default_to_square"));
    Set<String> keys = size.keySet();
    if (keys.equals(Set.of("height", "width"))) {
      return new Resize.Exact(size.get("height"), size.get("width"));
    }
    if (keys.equals(Set.of("shortest_edge"))) {
      return new Resize.ShortestEdge(size.get("shortest_edge"));
    }
    if (keys.equals(Set.of("shortest_edge", "longest_edge"))) {
      return new Resize.EdgeRange(size.get("shortest_edge"), size.get("longest_edge"));
    }
    if (keys.equals(Set.of("max_height", "max_width"))) {
      return new Resize.Within(size.get("max_height"), size.get("max_width"));
    }
    throw unusable("size", keys);
  }

  /** The network would take larger patches for several of its own. */
  private void requirePatchesOf(JsonObject model) {
    JsonObject tower = model.object("vision_config", model);
    int patch = having("patch_size").integer("patch_size");
    int expected = tower.integer("patch_size", SIGLIP2_PATCH);
    if (patch != expected) {
      throw new CheckpointException(
          "%s is %d, but the network's patches have %d pixels an edge; correct it"
              .formatted(where("patch_size"), patch, expected));
    }
  }

  private Crop crop() {
    Crop inResize = convNextCrops() ? center(convNextEdge(), convNextEdge()) : new Crop.None();
    if (!on("do_center_crop") || type.equals(SIGLIP2)) {
      return inResize;
    }
    Map<String, Integer> size = size("crop_size", true);
    if (!size.keySet().equals(Set.of("height", "width"))) {
      throw unusable("crop_size", size.keySet());
    }
    Crop crop = center(size.get("height"), size.get("width"));
    if (convNextCrops() && !crop.equals(inResize)) {
      throw new CheckpointException(
          "%s is not the size to which %s crops already".formatted(where("crop_size"), type));
    }
    return crop;
  }

  private Crop center(int height, int width) {
    Rounding rounding =
        type.equals(DINOV3) ? Rounding.TRANSFORMERS_TORCHVISION : Rounding.TRANSFORMERS;
    return new Crop.Center(height, width, rounding, 0);
  }

  // ConvNext's own resize: a small input is the centre of the image at size / crop_pct.

  private Resize convNextResize(int edge) {
    return convNextCrops()
        ? new Resize.ShortestEdge((int) (edge / having("crop_pct").number("crop_pct")))
        : new Resize.Exact(edge, edge);
  }

  private boolean convNextCrops() {
    return type.equals(CONVNEXT) && on("do_resize") && convNextEdge() < CONVNEXT_SQUASHED;
  }

  private int convNextEdge() {
    Map<String, Integer> size = size("size", on("default_to_square"));
    if (!size.keySet().equals(Set.of("shortest_edge"))) {
      throw unusable("size", size.keySet());
    }
    return size.get("shortest_edge");
  }

  /** A size by its keys, as files have it today. */
  private Map<String, Integer> size(String key, boolean square) {
    JsonObject holder = having(key);
    return switch (holder.raw(key)) {
      case Long _ -> {
        int edge = holder.integer(key);
        yield square ? Map.of("height", edge, "width", edge) : Map.of("shortest_edge", edge);
      }
      case List<?> list when list.size() == 2 -> {
        int[] edges = holder.integers(key);
        yield Map.of("height", edges[0], "width", edges[1]);
      }
      case null, default -> {
        Map<String, Integer> size = new TreeMap<>();
        JsonObject object = holder.object(key);
        object.keys().forEach(edge -> size.put(edge, object.integer(edge)));
        yield size;
      }
    };
  }

  private CheckpointException unusable(String key, Set<String> keys) {
    return new CheckpointException(
        "%s has %s, which %s cannot use".formatted(where(key), String.join(" and ", keys), type));
  }

  private String where(String key) {
    return having(key).where(key);
  }

  private Filter filter() {
    JsonObject holder = having("resample");
    int code = holder.integer("resample");
    return Filter.ofPillowCode(code)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is %d, which is no filter of Pillow"
                        .formatted(holder.where("resample"), code)));
  }

  private static List<Double> all(double number) {
    return Collections.nCopies(RgbImage.CHANNELS, number);
  }

  /** One number for each channel, or one for all. */
  private List<Double> channels(String key) {
    JsonObject holder = having(key);
    if (holder.raw(key) instanceof Number) {
      return all(holder.number(key));
    }
    return Arrays.stream(holder.numbers(key)).boxed().toList();
  }
}
