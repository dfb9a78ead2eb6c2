package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;

/** ConvNeXt checkpoints under timm's names, from those of other libraries. */
final class ConvNextNames {
  private ConvNextNames() {}

  /** Whether the tensors have the names of the authors' code, facebookresearch/ConvNeXt. */
  static boolean isOriginal(WeightSource file) {
    return file.names().stream().anyMatch(name -> name.startsWith("downsample_layers."));
  }

  /** From the names of the authors' code, facebookresearch/ConvNeXt. */
  static WeightSource original(ConvNext.Config config, WeightSource file) {
    Map<String, String> names = new HashMap<>();
    names.put("stem.0", "downsample_layers.0.0");
    names.put("stem.1", "downsample_layers.0.1");
    for (int i = 0; i < config.stages().size(); i++) {
      String stage = "stages." + i;
      if (config.stages().get(i).downsample().isPresent()) {
        names.put(stage + ".downsample.0", "downsample_layers." + i + ".0");
        names.put(stage + ".downsample.1", "downsample_layers." + i + ".1");
      }
      for (int j = 0; j < config.stages().get(i).depth(); j++) {
        String block = stage + ".blocks." + j;
        putBlock(names, block, stage + "." + j, "norm", "gamma");
        names.put(block + ".mlp.grn.weight", stage + "." + j + ".grn.gamma");
        names.put(block + ".mlp.grn.bias", stage + "." + j + ".grn.beta");
      }
    }
    names.put("head.norm", "norm");
    names.put("head.fc", "head");
    return new RenamedWeights(file, names);
  }

  /**
   * From the names of transformers, with or without the prefix of the base model.
   *
   * @param modelType which of its three families
   */
  static WeightSource transformers(ConvNext.Config config, String modelType, WeightSource file) {
    if (modelType.equals("dinov3_convnext")) {
      return dinov3(config, file);
    }
    String base = prefix(file, modelType + ".");
    Map<String, String> names = new HashMap<>();
    names.put("stem.0", base + "embeddings.patch_embeddings");
    names.put("stem.1", base + "embeddings.layernorm");
    for (int i = 0; i < config.stages().size(); i++) {
      String house = "stages." + i;
      String stage = base + "encoder.stages." + i;
      if (config.stages().get(i).downsample().isPresent()) {
        names.put(house + ".downsample.0", stage + ".downsampling_layer.0");
        names.put(house + ".downsample.1", stage + ".downsampling_layer.1");
      }
      for (int j = 0; j < config.stages().get(i).depth(); j++) {
        String layer = stage + ".layers." + j;
        putBlock(names, house + ".blocks." + j, layer, "layernorm", "layer_scale_parameter");
        names.put(house + ".blocks." + j + ".mlp.grn", layer + ".grn");
      }
    }
    names.put("head.norm", base + "layernorm");
    names.put("head.fc", "classifier");
    return new RenamedWeights(file, names);
  }

  private static WeightSource dinov3(ConvNext.Config config, WeightSource file) {
    String base = prefix(file, "model.");
    Map<String, String> names = new HashMap<>();
    names.put("stem.0", base + "stages.0.downsample_layers.0");
    names.put("stem.1", base + "stages.0.downsample_layers.1");
    for (int i = 0; i < config.stages().size(); i++) {
      String house = "stages." + i;
      String stage = base + "stages." + i;
      if (i > 0) {
        names.put(house + ".downsample.0", stage + ".downsample_layers.0");
        names.put(house + ".downsample.1", stage + ".downsample_layers.1");
      }
      for (int j = 0; j < config.stages().get(i).depth(); j++) {
        String block = house + ".blocks." + j;
        String layer = stage + ".layers." + j;
        names.put(block + ".conv_dw", layer + ".depthwise_conv");
        names.put(block + ".norm", layer + ".layer_norm");
        names.put(block + ".mlp.fc1", layer + ".pointwise_conv1");
        names.put(block + ".mlp.fc2", layer + ".pointwise_conv2");
        names.put(block + ".gamma", layer + ".gamma");
      }
    }
    names.put("head.norm", "layer_norm");
    return new RenamedWeights(file, names);
  }

  private static String prefix(WeightSource file, String prefix) {
    return file.names().stream().anyMatch(name -> name.startsWith(prefix)) ? prefix : "";
  }

  private static void putBlock(
      Map<String, String> names, String house, String block, String norm, String layerScale) {
    names.put(house + ".conv_dw", block + ".dwconv");
    names.put(house + ".norm", block + "." + norm);
    names.put(house + ".mlp.fc1", block + ".pwconv1");
    names.put(house + ".mlp.fc2", block + ".pwconv2");
    names.put(house + ".gamma", block + "." + layerScale);
  }

  /**
   * Ignores what checkpoints that the authors of DINOv3 and EUPE distilled have for training alone:
   * projections of the teachers' features and norms of the maps between the stages.
   */
  static void ignoreDistillation(WeightScope w, WeightSource original) {
    w.ignore(
        name -> {
          String inFile = original.nameInFile(name);
          return inFile.startsWith("projectors.") || inFile.startsWith("norms.");
        });
  }
}
