package ocellus.models;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.ModelConfig;
import ocellus.loaders.checkpoint.OpenClipConfig;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.arch.AlexNet;
import ocellus.models.arch.Beit;
import ocellus.models.arch.ClipResNet;
import ocellus.models.arch.ConvNext;
import ocellus.models.arch.Dinov2Classifier;
import ocellus.models.arch.EfficientNet;
import ocellus.models.arch.EfficientNetV2;
import ocellus.models.arch.Eva;
import ocellus.models.arch.FbNetV3;
import ocellus.models.arch.GoogLeNet;
import ocellus.models.arch.HardCoReNas;
import ocellus.models.arch.InceptionV3;
import ocellus.models.arch.LcNet;
import ocellus.models.arch.MnasNet;
import ocellus.models.arch.MobileNetV1;
import ocellus.models.arch.MobileNetV2;
import ocellus.models.arch.MobileNetV3;
import ocellus.models.arch.MobileNetV4;
import ocellus.models.arch.OpenClip;
import ocellus.models.arch.RegNet;
import ocellus.models.arch.ResNet;
import ocellus.models.arch.SqueezeNet;
import ocellus.models.arch.Swin;
import ocellus.models.arch.TextTowers;
import ocellus.models.arch.Vgg;
import ocellus.models.arch.VisionTransformer;

/** The families of networks that Ocellus knows, and which of them a checkpoint belongs to. */
final class ModelCatalog {
  /** Builds the network of a checkpoint; the packer is its own. */
  @FunctionalInterface
  private interface Builder<C> {
    ImageModel build(C config, WeightSource weights, Packer packer);
  }

  /**
   * A family of networks.
   *
   * @param timmArchitectures the names that timm has for its members
   * @param modelTypes what transformers calls it; none if transformers does not have it
   * @param transformers null if transformers does not have it
   */
  private record Family(
      String name,
      Supplier<Set<String>> timmArchitectures,
      Builder<TimmConfig> timm,
      Set<String> modelTypes,
      Builder<TransformersConfig> transformers) {}

  private static final List<Family> FAMILIES =
      List.of(
          new Family(
              "ViT",
              VisionTransformer::timmArchitectures,
              VisionTransformer::timm,
              VisionTransformer.transformersTypes(),
              VisionTransformer::transformers),
          new Family(
              "DINOv2 with linear classifier",
              Dinov2Classifier::timmArchitectures,
              Dinov2Classifier::timm,
              Set.of(),
              null),
          new Family(
              "EVA", Eva::timmArchitectures, Eva::timm, Set.of("dinov3_vit"), Eva::transformers),
          new Family(
              "BEiT", Beit::timmArchitectures, Beit::timm, Set.of("beit"), Beit::transformers),
          new Family(
              "ConvNeXt",
              ConvNext::timmArchitectures,
              ConvNext::timm,
              Set.of("convnext", "convnextv2", "dinov3_convnext"),
              ConvNext::transformers),
          new Family(
              "Swin",
              Swin::timmArchitectures,
              Swin::timm,
              Set.of("swin", "swinv2"),
              Swin::transformers),
          new Family(
              "MobileNetV1",
              MobileNetV1::timmArchitectures,
              MobileNetV1::timm,
              Set.of("mobilenet_v1"),
              MobileNetV1::transformers),
          new Family(
              "MobileNetV2",
              MobileNetV2::timmArchitectures,
              MobileNetV2::timm,
              Set.of("mobilenet_v2"),
              MobileNetV2::transformers),
          new Family(
              "MobileNetV3", MobileNetV3::timmArchitectures, MobileNetV3::timm, Set.of(), null),
          new Family(
              "MobileNetV4", MobileNetV4::timmArchitectures, MobileNetV4::timm, Set.of(), null),
          new Family("LCNet", LcNet::timmArchitectures, LcNet::timm, Set.of(), null),
          new Family("FBNetV3", FbNetV3::timmArchitectures, FbNetV3::timm, Set.of(), null),
          new Family(
              "HardCoRe-NAS", HardCoReNas::timmArchitectures, HardCoReNas::timm, Set.of(), null),
          new Family("MnasNet", MnasNet::timmArchitectures, MnasNet::timm, Set.of(), null),
          new Family(
              "EfficientNet",
              EfficientNet::timmArchitectures,
              EfficientNet::timm,
              Set.of("efficientnet"),
              EfficientNet::transformers),
          new Family(
              "EfficientNetV2",
              EfficientNetV2::timmArchitectures,
              EfficientNetV2::timm,
              Set.of(),
              null),
          new Family(
              "ResNet",
              ResNet::timmArchitectures,
              ResNet::timm,
              Set.of("resnet"),
              ResNet::transformers),
          new Family(
              "CLIP's ResNets", ClipResNet::timmArchitectures, ClipResNet::timm, Set.of(), null),
          new Family(
              "RegNet",
              RegNet::timmArchitectures,
              RegNet::timm,
              Set.of("regnet"),
              RegNet::transformers),
          new Family("VGG", Vgg::timmArchitectures, Vgg::timm, Set.of(), null),
          new Family("AlexNet", AlexNet::timmArchitectures, AlexNet::timm, Set.of(), null),
          new Family("SqueezeNet", SqueezeNet::timmArchitectures, SqueezeNet::timm, Set.of(), null),
          new Family("GoogLeNet", GoogLeNet::timmArchitectures, GoogLeNet::timm, Set.of(), null),
          new Family(
              "Inception v3", InceptionV3::timmArchitectures, InceptionV3::timm, Set.of(), null));

  private ModelCatalog() {}

  /** Builds the network that a checkpoint's configuration names, with the checkpoint's weights. */
  static ImageModel build(Checkpoint checkpoint, Packer packer) {
    WeightSource weights = checkpoint.weights();
    return switch (checkpoint.config()) {
      case TimmConfig timm -> timm(timm, weights, packer);
      case TransformersConfig transformers ->
          transformersFamily(transformers).transformers.build(transformers, weights, packer);
      case OpenClipConfig openClip ->
          OpenClip.images(openClip, weights, packer, ModelCatalog::timm);
    };
  }

  private static ImageModel timm(TimmConfig config, WeightSource weights, Packer packer) {
    return timmFamily(config).timm.build(config, weights, packer);
  }

  /**
   * Builds the text tower that a checkpoint's configuration names.
   *
   * @throws CheckpointException if it has none, or none that is supported
   */
  static TextModel buildTexts(Checkpoint checkpoint, Packer packer) {
    WeightSource weights = checkpoint.weights();
    return switch (checkpoint.config()) {
      case TransformersConfig transformers
          when TextTowers.transformersTypes().contains(transformers.modelType()) ->
          TextTowers.transformers(transformers, weights, packer);
      case OpenClipConfig openClip -> OpenClip.texts(openClip, weights, packer);
      case ModelConfig _ -> throw noTexts(checkpoint.name());
    };
  }

  private static CheckpointException noTexts(String name) {
    return new CheckpointException(
        "%s: the model has no tower of texts; those of transformers' %s and of open_clip have one"
            .formatted(name, String.join(", ", new TreeSet<>(TextTowers.transformersTypes()))));
  }

  /** The names of timm that are known, though some of them are refused for what they name. */
  static List<String> architectures() {
    return FAMILIES.stream().flatMap(f -> f.timmArchitectures.get().stream()).toList();
  }

  /** What there is. */
  static List<ModelFamily> families() {
    Map<String, KnownModel> known = KnownModel.table();
    return FAMILIES.stream()
        .map(
            family ->
                new ModelFamily(
                    family.name,
                    family.timmArchitectures.get().stream()
                        .filter(known::containsKey)
                        .sorted()
                        .map(known::get)
                        .toList(),
                    family.modelTypes.stream().sorted().toList()))
        .toList();
  }

  /**
   * The name of the family that a configuration belongs to.
   *
   * @throws CheckpointException if there is none
   */
  static String familyOf(ModelConfig config) {
    return switch (config) {
      case TimmConfig timm -> timmFamily(timm).name;
      case TransformersConfig transformers -> transformersFamily(transformers).name;
      case OpenClipConfig _ -> "CLIP";
    };
  }

  private static Family timmFamily(TimmConfig config) {
    for (Family family : FAMILIES) {
      if (family.timmArchitectures.get().contains(config.architecture())) {
        return family;
      }
    }
    throw unsupported(config, "architecture", config.architecture(), KnownModel.table().keySet());
  }

  private static Family transformersFamily(TransformersConfig config) {
    for (Family family : FAMILIES) {
      if (family.modelTypes.contains(config.modelType())) {
        return family;
      }
    }
    if (TextTowers.transformersTypes().contains(config.modelType())) {
      throw new CheckpointException(
          "%s is %s, a tower of texts alone, which can embed texts but not images"
              .formatted(config.root().where("model_type"), config.modelType()));
    }
    List<String> known = FAMILIES.stream().flatMap(f -> f.modelTypes.stream()).toList();
    throw unsupported(config, "model_type", config.modelType(), known);
  }

  /**
   * Names the nearest supported value if there is any that has something to do with what was asked
   * for, else the families.
   *
   * @param known what can be run
   */
  private static CheckpointException unsupported(
      ModelConfig config, String key, String value, Collection<String> known) {
    String hint =
        NearestName.of(value, known)
            .map("the nearest that is supported is "::concat)
            .orElseGet(
                () ->
                    "the supported families are "
                        + FAMILIES.stream().map(Family::name).collect(Collectors.joining(", ")));
    return new CheckpointException(
        "%s \"%s\" is not supported; %s".formatted(config.root().where(key), value, hint));
  }
}
