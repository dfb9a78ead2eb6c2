package ocellus.loaders.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/** Which file of a checkpoint folder holds the weights. */
final class WeightFiles {
  /** By name, in the order in which the libraries that write them prefer them. */
  private static final List<String> NAMED =
      List.of("model.safetensors", "model.safetensors.index.json");

  private static final String OPEN_CLIP = "open_clip_model.safetensors";

  private static final List<String> PICKLES =
      List.of(".bin", ".pth", ".pt", ".ckpt", ".pth.tar", ".pkl");

  private WeightFiles() {}

  /** Whether the folder has weights by open_clip's name. */
  static boolean hasOpenClip(Path folder) {
    return isThere(folder.resolve(OPEN_CLIP));
  }

  /** Whether the folder has weights by the names of other libraries. */
  static boolean hasOthers(Path folder) {
    return NAMED.stream().anyMatch(name -> isThere(folder.resolve(name)));
  }

  /** Whether there is such a file, or a link that leads nowhere: another file is not meant then. */
  static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The file to open.
   *
   * @param openClip whether open_clip's file is preferred
   * @throws CheckpointException if there is none, or no way to tell which
   */
  static Path find(Path folder, boolean openClip) {
    if (openClip && hasOpenClip(folder)) {
      return folder.resolve(OPEN_CLIP);
    }
    for (String name : NAMED) {
      Path file = folder.resolve(name);
      if (isThere(file)) {
        return file;
      }
    }
    List<String> names = fileNames(folder);
    List<String> candidates = names.stream().filter(n -> n.endsWith(".safetensors")).toList();
    if (candidates.size() == 1) {
      return folder.resolve(candidates.getFirst());
    }
    throw candidates.isEmpty() ? nothing(folder, names) : tooMany(folder, candidates);
  }

  private static List<String> fileNames(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> Files.isRegularFile(f) || leadsNowhere(f))
          .map(f -> f.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new CheckpointException(
          Printable.name(folder) + ": cannot be listed: " + Printable.reason(e), e);
    }
  }

  private static boolean leadsNowhere(Path file) {
    return Files.isSymbolicLink(file) && !Files.exists(file);
  }

  private static CheckpointException tooMany(Path folder, List<String> candidates) {
    boolean shards = candidates.stream().allMatch(n -> n.matches(".*-\\d+-of-\\d+\\.safetensors"));
    String problem =
        shards
            ? "the shards lack their index, model.safetensors.index.json; fetch it too"
            : "%d files may hold the weights, %s; call the right one model.safetensors"
                .formatted(candidates.size(), Printable.clip(String.join(", ", candidates)));
    return new CheckpointException(Printable.name(folder) + ": " + problem);
  }

  private static CheckpointException nothing(Path folder, List<String> names) {
    for (String name : names) {
      if (PICKLES.stream().anyMatch(name::endsWith)) {
        return new CheckpointException(pickle(folder, name));
      }
    }
    return new CheckpointException(
        Printable.name(folder)
            + ": no weights; a checkpoint folder has a model.safetensors beside its config.json");
  }

  /** How to convert a pickle, which can run any code and is therefore not read. */
  private static String pickle(Path folder, String name) {
    return ("%s: the weights are a pickle, %s, which is not read; convert it where it can be"
            + " trusted: python -c \"import torch, safetensors.torch as s; w = torch.load('%s',"
            + " map_location='cpu', weights_only=True); w = w.get('state_dict', w);"
            + " s.save_file({k: v.clone().contiguous() for k, v in w.items()},"
            + " 'model.safetensors')\"")
        .formatted(Printable.name(folder), Printable.clip(name), Printable.clip(name));
  }
}
