#ifndef CFFMPEG_SHIM_H
#define CFFMPEG_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Swift imports no macro that is more than a literal.

static const int CFFMPEG_EOF = AVERROR_EOF;
static const int CFFMPEG_AGAIN = AVERROR(EAGAIN);
static const int64_t CFFMPEG_NO_TIMESTAMP = AV_NOPTS_VALUE;

#endif
