package ocellus.models.arch;

import java.util.List;
import java.util.Map;

/** The names of tensors that CLIP and SigLIP have in common in transformers. */
final class TransformersEncoder {
  private TransformersEncoder() {}

  /**
   * Adds the names of the blocks.
   *
   * @param prefix of the tower's tensors in the file
   * @param names from timm's names to those of the file
   * @param joined from the joint projection to its parts, in timm's names
   */
  static void name(
      String prefix, int depth, Map<String, String> names, Map<String, List<String>> joined) {
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = prefix + "encoder.layers." + i + ".";
      names.put(house + "attn.q", file + "self_attn.q_proj");
      names.put(house + "attn.k", file + "self_attn.k_proj");
      names.put(house + "attn.v", file + "self_attn.v_proj");
      names.put(house + "attn.proj", file + "self_attn.out_proj");
      names.put(house + "norm1", file + "layer_norm1");
      names.put(house + "norm2", file + "layer_norm2");
      names.put(house + "mlp.fc1", file + "mlp.fc1");
      names.put(house + "mlp.fc2", file + "mlp.fc2");
      joined.put(house + "attn.qkv", List.of(house + "attn.q", house + "attn.k", house + "attn.v"));
    }
  }

  /** Whether a tensor, by its name in the file, is of no use to the tower of images. */
  static boolean isOfTextOrBoth(String name) {
    return name.startsWith("text_model.") || name.startsWith("text_projection.") || isOfBoth(name);
  }

  /** Whether a tensor, by its name in the file, is of no use to the tower of texts. */
  static boolean isOfImagesOrBoth(String name) {
    return name.startsWith("vision_model.")
        || name.startsWith("visual_projection.")
        || isOfBoth(name);
  }

  private static boolean isOfBoth(String name) {
    return name.equals("logit_scale") || name.equals("logit_bias");
  }
}
