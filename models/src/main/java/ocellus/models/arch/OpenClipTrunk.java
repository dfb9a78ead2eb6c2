package ocellus.models.arch;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Linear;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.ImageModel;
import ocellus.models.arch.TokenEmbedding.Input;

/** open_clip's {@code TimmModel}: a network of timm's and a head that maps what it pooled. */
final class OpenClipTrunk {
  private static final String TRUNK = "trunk.";
  private static final Set<String> POOLS = Set.of("", "avg", "avgmax", "max", "token", "map");

  private final JsonObject json;
  private final int features;
  private final String pool;
  private final String projection;

  /**
   * @param json {@code vision_cfg}
   * @param features of the model
   */
  OpenClipTrunk(JsonObject json, int features) {
    OpenClipVision.requireKnown(json);
    this.json = json;
    this.features = features;
    this.pool = json.string("timm_pool", json.keys().contains("timm_pool") ? "" : "avg");
    this.projection = json.string("timm_proj", json.keys().contains("timm_proj") ? "" : "linear");
    if (!POOLS.contains(pool)) {
      throw Extents.invalid(json, "timm_pool", "avg, avgmax, max, token, map or none");
    }
  }

  /**
   * @param visual the tensors of {@code visual}
   */
  ImageModel build(WeightSource visual, Packer packer, OpenClip.Trunk trunk) {
    WeightSource own = RenamedWeights.part(visual, TRUNK);
    WeightScope w = WeightScope.of(visual, packer);
    w.ignore(name -> name.startsWith(TRUNK)); // the trunk is strict with them
    WeightScope head = w.in("head");
    boolean bias = json.bool("timm_proj_bias", false);
    ImageModel model =
        switch (projection) {
          case "none" -> trunk.build(timm(0), own, packer);
          case "" -> ProjectedModel.ofHead(trunk.build(timm(features), own, packer));
          case "linear" -> {
            ImageModel tower = trunk.build(timm(0), own, packer);
            yield ProjectedModel.linear(
                tower, linear(head.in("proj"), tower.featureCount(), features, bias));
          }
          case "mlp" -> {
            ImageModel tower = trunk.build(timm(0), own, packer);
            int in = tower.featureCount();
            WeightScope first = head.in("mlp").in("fc1");
            Affine shift = Affine.bias(first, 2 * features);
            Linear fc1 = new Linear(first, in, 2 * features, shift, Activation.GELU);
            Linear fc2 = linear(head.in("mlp").in("fc2"), 2 * features, features, bias);
            yield ProjectedModel.linear(ProjectedModel.linear(tower, fc1), fc2);
          }
          default -> throw Extents.invalid(json, "timm_proj", "linear, mlp, none or null");
        };
    w.verifyAllRead();
    return model;
  }

  private static Linear linear(WeightScope w, int in, int out, boolean bias) {
    return bias ? new Linear(w, in, out) : Linear.withoutBias(w, in, out);
  }

  /** What timm would write for the trunk. */
  private TimmConfig timm(int classes) {
    int[] size = Extents.oneOrList(json, "image_size", 224, 2, Input.LONGEST_SIDE);
    String name = json.string("timm_model_name");
    if (!name.matches("[\\w.]+")) {
      throw Extents.invalid(json, "timm_model_name", "the name of an architecture of timm");
    }
    String config =
        """
        {"architecture": "%s", "num_classes": %d, %s
         "pretrained_cfg": {"input_size": [3, %d, %d]}}
        """
            .formatted(
                name,
                classes,
                pool.isEmpty() ? "" : "\"model_args\": {\"global_pool\": \"%s\"},".formatted(pool),
                size[0],
                size[1]);
    String source = json.source();
    return TimmConfig.of(JsonObject.parse(source, config.getBytes(StandardCharsets.UTF_8)));
  }
}
