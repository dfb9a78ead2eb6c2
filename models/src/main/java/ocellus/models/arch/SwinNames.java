package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;

/** Swin checkpoints under timm's names, from those of other libraries. */
final class SwinNames {
  /** What some libraries save although it follows from the sizes. */
  private static final Pattern DERIVED =
      Pattern.compile(".*(relative_position_index|relative_coords_table|attn_mask|attn\\.k_bias)");

  private SwinNames() {}

  /**
   * From timm's names or those of the authors' code, microsoft/Swin-Transformer, in which a stage
   * ends with the patch merging that timm begins the next with.
   */
  static WeightSource timm(Swin.Config config, WeightSource file) {
    if (file.names().stream().noneMatch(name -> name.startsWith("layers.0.downsample."))) {
      return file;
    }
    Map<String, String> names = new HashMap<>();
    for (String name : file.names()) {
      if (!name.contains(".downsample.") && !name.startsWith("head.")) {
        names.put(name, name);
      }
    }
    for (int i = 1; i < config.stages().size(); i++) {
      for (String module : List.of("norm", "reduction")) {
        String path = ".downsample." + module;
        names.put("layers." + i + path, "layers." + (i - 1) + path);
      }
    }
    names.put("head.fc", "head");
    return new RenamedWeights(file, names);
  }

  /**
   * From the names of transformers, those up to version 4 and those since, with or without the
   * prefix of the base model.
   */
  static WeightSource transformers(Swin.Config config, WeightSource file) {
    String base = prefix(file);
    boolean isV2 = config.version() instanceof SwinV2;
    boolean since5 = file.names().stream().anyMatch(name -> name.contains(".attention.q_proj."));
    Map<String, String> names = new HashMap<>();
    Map<String, List<String>> joined = new HashMap<>();
    names.put("patch_embed.proj", base + "embeddings.patch_embeddings.projection");
    names.put("patch_embed.norm", base + "embeddings.norm");
    names.put("mask_token", base + "embeddings.mask_token");
    for (int i = 0; i < config.stages().size(); i++) {
      String layer = base + "encoder.layers." + i;
      String next = "layers." + (i + 1) + ".downsample.";
      names.put(next + "norm", layer + ".downsample.norm");
      names.put(next + "reduction", layer + ".downsample.reduction");
      for (int j = 0; j < config.stages().get(i).depth(); j++) {
        String house = "layers." + i + ".blocks." + j + ".";
        String block = layer + ".blocks." + j + ".";
        names.put(house + "norm1", block + "layernorm_before");
        names.put(house + "norm2", block + "layernorm_after");
        if (isV2) {
          putCosineAttention(names, house + "attn.", block + "attention.");
        } else {
          putAttention(names, house + "attn.", block + "attention.", since5);
        }
        names.put(house + "mlp.fc1", block + (since5 ? "mlp.fc1" : "intermediate.dense"));
        names.put(house + "mlp.fc2", block + (since5 ? "mlp.fc2" : "output.dense"));
        String attn = house + "attn.";
        joined.put(attn + "qkv", List.of(attn + "q", attn + "k", attn + "v"));
      }
    }
    names.put("norm", base + "layernorm");
    names.put("head.fc", "classifier");
    return new JoinedWeights(new RenamedWeights(file, names), joined);
  }

  private static void putAttention(
      Map<String, String> names, String house, String attention, boolean since5) {
    String self = since5 ? attention : attention + "self.";
    names.put(house + "q", self + (since5 ? "q_proj" : "query"));
    names.put(house + "k", self + (since5 ? "k_proj" : "key"));
    names.put(house + "v", self + (since5 ? "v_proj" : "value"));
    names.put(house + "proj", attention + (since5 ? "o_proj" : "output.dense"));
    String table = "relative_position_bias_table";
    names.put(house + table, self + (since5 ? "relative_position_bias." : "") + table);
  }

  private static void putCosineAttention(
      Map<String, String> names, String house, String attention) {
    String self = attention + "self.";
    names.put(house + "q", self + "query");
    names.put(house + "q_bias", self + "query.bias");
    names.put(house + "k", self + "key");
    names.put(house + "v", self + "value");
    names.put(house + "v_bias", self + "value.bias");
    names.put(house + "logit_scale", self + "logit_scale");
    names.put(house + "cpb_mlp.0", self + "continuous_position_bias_mlp.0");
    names.put(house + "cpb_mlp.2", self + "continuous_position_bias_mlp.2");
    names.put(house + "proj", attention + "output.dense");
  }

  private static String prefix(WeightSource file) {
    for (String prefix : List.of("swin.", "swinv2.")) {
      if (file.names().stream().anyMatch(name -> name.startsWith(prefix))) {
        return prefix;
      }
    }
    return "";
  }

  /** Ignores what follows from the sizes, and the token that stands for patches in pre-training. */
  static void ignoreUnused(WeightScope w, WeightSource weights) {
    w.ignore(
        name -> {
          String inFile = weights.nameInFile(name);
          return DERIVED.matcher(inFile).matches() || name.equals("mask_token");
        });
  }
}
