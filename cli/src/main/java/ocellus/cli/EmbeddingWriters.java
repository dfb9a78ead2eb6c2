package ocellus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** How the embedding of an image is printed. */
final class EmbeddingWriters {
  private EmbeddingWriters() {}

  /**
   * @param key what is embedded, {@code image} or {@code text}
   * @param count how many there will be, failed ones included
   * @param dimension of each embedding
   */
  static ResultWriter<float[]> of(
      String format, OutputStream out, String key, int count, int dimension) throws IOException {
    return switch (format) {
      case "npy" -> new Npy(out, count, dimension);
      case "csv" -> new CsvTable(new LineWriter(out), key, dimension);
      default -> new JsonLines<>(new LineWriter(out), key, EmbeddingWriters::addFields);
    };
  }

  private static void addFields(float[] embedding, Json json) {
    json.key("embedding").beginArray();
    for (float value : embedding) {
      json.value(value);
    }
    json.endArray();
  }

  /** A row an image: its name, the error if there was one, the numbers if not. */
  private static final class CsvTable implements ResultWriter<float[]> {
    private final LineWriter lines;
    private final int dimension;

    CsvTable(LineWriter lines, String key, int dimension) throws IOException {
      this.lines = lines;
      this.dimension = dimension;
      List<Object> head = new ArrayList<>(List.of(key, "error"));
      for (int i = 0; i < dimension; i++) {
        head.add(i);
      }
      lines.print(Csv.row(head));
    }

    @Override
    public void result(String image, float[] embedding) throws IOException {
      List<Object> row = new ArrayList<>(List.of(image, ""));
      for (float value : embedding) {
        row.add(value);
      }
      lines.print(Csv.row(row));
    }

    @Override
    public void failure(String image, String error) throws IOException {
      List<Object> row = new ArrayList<>(List.of(image, error));
      row.addAll(Collections.nCopies(dimension, ""));
      lines.print(Csv.row(row));
    }
  }

  /**
   * NumPy's format, version 1.0: float32 {@code [images, dimension]}. A failed image is a row of
   * NaN, so that rows and images stay in step.
   */
  private static final class Npy implements ResultWriter<float[]> {
    private static final int ALIGNMENT = 64;
    private static final int PREAMBLE = 10;

    private final OutputStream out;
    private final int dimension;

    Npy(OutputStream out, int images, int dimension) throws IOException {
      this.out = out;
      this.dimension = dimension;
      out.write(header(images, dimension));
    }

    private static byte[] header(int images, int dimension) {
      String shape = "(" + images + ", " + dimension + ")";
      String dict = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
      int padded = Math.ceilDiv(PREAMBLE + dict.length() + 1, ALIGNMENT) * ALIGNMENT - PREAMBLE;
      ByteBuffer bytes = ByteBuffer.allocate(PREAMBLE + padded).order(ByteOrder.LITTLE_ENDIAN);
      bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
      bytes.put((byte) 1).put((byte) 0).putShort((short) padded);
      bytes.put(dict.getBytes(StandardCharsets.US_ASCII));
      while (bytes.remaining() > 1) {
        bytes.put((byte) ' ');
      }
      return bytes.put((byte) '\n').array();
    }

    @Override
    public void result(String image, float[] embedding) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(embedding.length * Float.BYTES);
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(embedding);
      out.write(bytes.array());
    }

    @Override
    public void failure(String image, String error) throws IOException {
      float[] row = new float[dimension];
      Arrays.fill(row, Float.NaN);
      result(image, row);
    }
  }
}
