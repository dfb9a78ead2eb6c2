package ocellus.models;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.safetensors.Safetensors;
import ocellus.loaders.safetensors.TensorInfo;

/** What tells the weights of one model from those of another, without reading all of them. */
final class Fingerprint {
  /** Elements of each tensor that are looked at, at equal distances. */
  private static final int SAMPLES = 16;

  private static final List<String> CONFIGURATION = List.of("config.json", "open_clip_config.json");

  private Fingerprint() {}

  /** The SHA-256 of names, types, shapes and some elements of all tensors, in hexadecimal. */
  static String of(Safetensors weights) {
    MessageDigest digest = sha256();
    float[] element = new float[1];
    for (TensorInfo tensor : weights.tensors()) {
      String head = tensor.name() + ' ' + tensor.dtype() + ' ' + tensor.shape();
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      long size = tensor.shape().size();
      if (!tensor.dtype().readable()) {
        continue;
      }
      long samples = Math.min(SAMPLES, size);
      ByteBuffer values = ByteBuffer.allocate((int) samples * Float.BYTES);
      for (long i = 0; i < samples; i++) {
        weights.read(tensor.name(), i * (size / samples), element, 0, 1);
        values.putFloat(element[0]);
      }
      digest.update(values.array());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The SHA-256 of the files that say what is built of the weights, in hexadecimal.
   *
   * @throws CheckpointException if one cannot be read
   */
  static String ofConfiguration(Path directory) {
    MessageDigest digest = sha256();
    for (String name : CONFIGURATION) {
      Path file = directory.resolve(name);
      if (Files.exists(file)) {
        try {
          digest.update(Files.readAllBytes(file));
        } catch (IOException e) {
          throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
