package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import ocellus.engine.WeightSource;

/** RegNet checkpoints under timm's names, from those of other libraries. */
final class RegNetNames {
  private RegNetNames() {}

  /** Whether the tensors have torchvision's names. */
  static boolean isTorchvision(WeightSource file) {
    return file.names().stream().anyMatch(name -> name.startsWith("trunk_output."));
  }

  /** From the names of torchvision. */
  static WeightSource torchvision(RegNet.Config config, WeightSource file) {
    Map<String, String> names = new HashMap<>();
    put(names, "stem", "stem.0", "stem.1");
    for (int i = 1; i <= config.stages().size(); i++) {
      for (int j = 0; j < config.stages().get(i - 1).size(); j++) {
        String house = "s" + i + ".b" + (j + 1) + ".";
        String block = "trunk_output.block" + i + ".block" + i + "-" + j + ".";
        put(names, house + "conv1", block + "f.a.0", block + "f.a.1");
        put(names, house + "conv2", block + "f.b.0", block + "f.b.1");
        put(names, house + "conv3", block + "f.c.0", block + "f.c.1");
        names.put(house + "se.fc1", block + "f.se.fc1");
        names.put(house + "se.fc2", block + "f.se.fc2");
        put(names, house + "downsample", block + "proj.0", block + "proj.1");
      }
    }
    names.put("head.fc", "fc");
    return new RenamedWeights(file, names);
  }

  /** From the names of transformers, with or without the prefix of the base model. */
  static WeightSource transformers(RegNet.Config config, WeightSource file) {
    boolean prefixed = file.names().stream().anyMatch(name -> name.startsWith("regnet."));
    String base = prefixed ? "regnet." : "";
    Map<String, String> names = new HashMap<>();
    layer(names, "stem", base + "embedder.embedder");
    for (int i = 0; i < config.stages().size(); i++) {
      for (int j = 0; j < config.stages().get(i).size(); j++) {
        String house = "s" + (i + 1) + ".b" + (j + 1) + ".";
        String inFile = base + "encoder.stages." + i + ".layers." + j + ".";
        boolean squeezes = config.stages().get(i).get(j).squeezed() > 0;
        layer(names, house + "conv1", inFile + "layer.0");
        layer(names, house + "conv2", inFile + "layer.1");
        layer(names, house + "conv3", inFile + (squeezes ? "layer.3" : "layer.2"));
        if (squeezes) {
          names.put(house + "se.fc1", inFile + "layer.2.attention.0");
          names.put(house + "se.fc2", inFile + "layer.2.attention.2");
        }
        layer(names, house + "downsample", inFile + "shortcut");
      }
    }
    names.put("head.fc", "classifier.1");
    return new RenamedWeights(file, names);
  }

  private static void layer(Map<String, String> names, String house, String inFile) {
    put(names, house, inFile + ".convolution", inFile + ".normalization");
  }

  private static void put(Map<String, String> names, String house, String conv, String norm) {
    names.put(house + ".conv", conv);
    names.put(house + ".bn", norm);
  }
}
