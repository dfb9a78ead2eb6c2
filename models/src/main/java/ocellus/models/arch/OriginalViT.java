package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;
import ocellus.models.arch.VisionTransformer.Config;

/**
 * Checkpoints of DINOv2 and DeiT-III in the names of their authors' code, as timm's {@code
 * checkpoint_filter_fn} of {@code vision_transformer.py} understands them. DINO, DeiT and MAE have
 * timm's names.
 */
final class OriginalViT {
  private static final String REGISTERS = "register_tokens";

  private OriginalViT() {}

  /** DINOv2 adds a position to the class token, which timm has in the class token. */
  static Config adapted(Config config, WeightSource file) {
    Tokens t = config.tokens();
    if (t.positions() != Positions.PATCHES || !file.names().contains(REGISTERS)) {
      return config;
    }
    Tokens tokens =
        new Tokens(
            t.classToken(),
            t.distillationToken(),
            t.registers(),
            Positions.ALL_BUT_REGISTERS,
            t.filter(),
            t.patchBias());
    return new Config(
        config.input(), tokens, config.preNorm(), config.layer(), config.depth(), config.head());
  }

  /** The checkpoint in timm's names; one that has them already as it is. */
  static WeightSource renamed(WeightSource file, int depth) {
    Map<String, String> names = new HashMap<>();
    names.put("reg_token", REGISTERS);
    for (int i = 0; i < depth; i++) {
      String block = "blocks." + i + ".";
      names.put(block + "mlp.fc1", block + "mlp.w12");
      names.put(block + "mlp.fc2", block + "mlp.w3");
      names.put(block + "ls1.gamma", block + "gamma_1");
      names.put(block + "ls2.gamma", block + "gamma_2");
    }
    return RenamedWeights.ofThoseInFile(file, names);
  }
}
