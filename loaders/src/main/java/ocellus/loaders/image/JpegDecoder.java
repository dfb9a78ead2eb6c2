package ocellus.loaders.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * JPEG by the reader of the JDK, which decodes the components, and by libjpeg's integer colour
 * conversion, which makes them the pixels of Pillow.
 *
 * <p>Exact for every subsampling but one: where chroma is halved vertically only (4:4:0), the JDK's
 * reader repeats it and Pillow's interpolates. Arithmetic coding is refused.
 */
final class JpegDecoder implements ImageDecoder {
  @Override
  public ImageInfo info(byte[] file) throws MalformedImageException {
    JpegHeader header = JpegHeader.parse(file);
    return new ImageInfo(ImageFormat.JPEG, header.width(), header.height(), header.orientation());
  }

  @Override
  public RgbImage decode(byte[] file, ImageInfo info) throws MalformedImageException {
    JpegHeader header = JpegHeader.parse(file);
    byte[] samples = samples(file, header);
    byte[] rgb =
        switch (header.colorSpace()) {
          case GREY -> JpegColors.fromGrey(samples);
          case RGB -> samples;
          case YCBCR -> JpegColors.fromYcc(samples);
          case CMYK -> JpegColors.fromCmyk(samples);
          case YCCK -> JpegColors.fromYcck(samples);
        };
    return RgbImage.of(header.width(), header.height(), rgb);
  }

  /** The components of each pixel, interleaved. */
  private static byte[] samples(byte[] file, JpegHeader header) throws MalformedImageException {
    ImageReader reader = newReader();
    try (var in = new ArrayInputStream(file)) {
      reader.setInput(in, true, true);
      Raster raster = reader.readRaster(0, null);
      // Where the data runs out, the reader makes up an end and the rest of the picture.
      if (in.exhausted) {
        throw new MalformedImageException("it is truncated");
      }
      byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
      long expected = (long) header.width() * header.height() * header.colorSpace().components();
      if (samples.length != expected) {
        throw new MalformedImageException(
            "it has " + samples.length + " samples instead of " + expected);
      }
      return samples;
    } catch (IOException | RuntimeException e) {
      // The reader reports some kinds of damage by unchecked exceptions.
      throw new MalformedImageException("its data is corrupt: " + firstLine(e), e);
    } finally {
      reader.dispose();
    }
  }

  private static String firstLine(Exception e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getMessage().lines().findFirst().orElse("");
  }

  /** The JDK's own reader, whatever others are installed: their pixels would differ. */
  private static ImageReader newReader() throws MalformedImageException {
    if (Provider.OF_JDK == null) {
      throw new MalformedImageException("this Java runtime has no reader for JPEG");
    }
    try {
      return Provider.OF_JDK.createReaderInstance();
    } catch (IOException e) {
      throw new MalformedImageException("this Java runtime cannot read JPEG", e);
    }
  }

  /** Looked up when the first JPEG is decoded: it loads a good part of java.desktop. */
  private static final class Provider {
    static final ImageReaderSpi OF_JDK = find();

    private static ImageReaderSpi find() {
      Iterator<ImageReaderSpi> providers =
          IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
      while (providers.hasNext()) {
        ImageReaderSpi provider = providers.next();
        if (provider.getClass().getModule() == ImageIO.class.getModule()
            && List.of(provider.getFormatNames()).contains("jpeg")) {
          return provider;
        }
      }
      return null;
    }
  }

  /** A file in memory, as a stream that knows whether somebody read beyond its end. */
  private static final class ArrayInputStream extends ImageInputStreamImpl {
    private final byte[] data;
    private boolean exhausted;

    ArrayInputStream(byte[] data) {
      this.data = data;
    }

    @Override
    public int read() {
      bitOffset = 0;
      if (streamPos >= data.length) {
        exhausted = true;
        return -1;
      }
      return data[(int) streamPos++] & 0xff;
    }

    @Override
    public int read(byte[] out, int offset, int length) {
      bitOffset = 0;
      int count = (int) Math.min(length, data.length - streamPos);
      if (count <= 0) {
        exhausted |= length > 0;
        return length == 0 ? 0 : -1;
      }
      System.arraycopy(data, (int) streamPos, out, offset, count);
      streamPos += count;
      return count;
    }

    @Override
    public long length() {
      return data.length;
    }
  }
}
