@if "%~1"=="run" ("%~dp0..\lib\node.exe" --max-semi-space-size=1 --expose-gc --use-openssl-ca "%~dp0..\lib\muster-agent.mjs" %*) else ("%~dp0..\lib\node.exe" "%~dp0..\lib\muster-agent.mjs" %*)
