package ocellus.loaders.checkpoint;

import java.util.ArrayList;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.json.JsonObject;

/** The names of a checkpoint's classes, by index. */
final class Labels {
  private Labels() {}

  /**
   * timm's {@code label_names}, each replaced by its {@code label_descriptions} where there is one;
   * empty if there are none.
   *
   * @throws CheckpointException if there are not as many as classes
   */
  static List<String> of(TimmConfig config) {
    JsonObject holder = config.root();
    String key = "label_names";
    if (!holder.has(key)) {
      holder = config.pretrainedCfg();
    }
    if (!holder.has(key)) {
      key = "labels"; // before label_names there were these
    }
    if (!holder.has(key) || config.numClasses().orElse(-1) == 0) {
      return List.of();
    }
    List<String> names =
        holder.raw(key) instanceof JsonObject byId
            ? byId(byId, config.numClasses().orElse(0))
            : holder.strings(key);
    if (config.numClasses().isPresent() && config.numClasses().getAsInt() != names.size()) {
      throw new CheckpointException(
          "%s has %d entries for %d classes; correct or remove it"
              .formatted(holder.where(key), names.size(), config.numClasses().getAsInt()));
    }
    JsonObject descriptions =
        config.root().objectOrEmpty("label_descriptions").keys().isEmpty()
            ? config.pretrainedCfg().objectOrEmpty("label_descriptions")
            : config.root().objectOrEmpty("label_descriptions");
    return names.stream().map(name -> descriptions.string(name, name)).toList();
  }

  /**
   * The {@code id2label} of transformers; empty if there is none or it holds nothing but the
   * placeholders that transformers fills in, {@code LABEL_0} and so on.
   */
  static List<String> of(TransformersConfig config) {
    List<String> names = byId(config.root().objectOrEmpty("id2label"), 0);
    for (int i = 0; i < names.size(); i++) {
      if (!names.get(i).equals("LABEL_" + i)) {
        return names;
      }
    }
    return List.of();
  }

  /** A map from id to name as a list; an id that it leaves out is its own name. */
  private static List<String> byId(JsonObject byId, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(Integer.toString(i));
    }
    for (String key : byId.keys()) {
      int id = id(byId, key);
      while (names.size() <= id) {
        names.add(Integer.toString(names.size()));
      }
      names.set(id, byId.string(key));
    }
    return names;
  }

  private static int id(JsonObject byId, String key) {
    // No class list is longer; it keeps a stray id from filling the memory.
    final int most = 1_000_000;
    if (key.matches("\\d{1,7}") && Integer.parseInt(key) < most) {
      return Integer.parseInt(key);
    }
    throw new CheckpointException(byId.where(key) + " is not the index of a class");
  }
}
